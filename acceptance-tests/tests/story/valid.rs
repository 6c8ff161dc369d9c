//! The example is valid for the schemas of every provider that it uses, and only as long as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::estate::example;

#[test]
fn the_example_is_valid() {
    example().validate().succeeds();
}

/// The schemas are looked at: an argument that a provider does not have is refused, in a block of a block too.
#[test]
fn an_argument_that_does_not_exist_is_refused() {
    for (file, before, after) in [
        ("machines.tf", "gateway = var.gateway", "gatewy = var.gateway"),
        ("talos.tf", "machine_configuration_input =", "machine_configuration_inptu ="),
        ("releases.tf", "timeout    = 300", "timeot     = 300"),
        ("dns.tf", "upstreams  = var.upstreams", "upstream   = var.upstreams"),
    ] {
        let workspace = example();
        let path = workspace.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file} has no {before:?} any more");
        fs::write(&path, text.replace(before, after)).unwrap();
        let run = workspace.validate().fails();
        let wrong = after.split(['=', ' ', '{']).find(|word| !word.is_empty()).unwrap();
        assert!(run.stderr.contains(wrong), "{file}: {run}");
    }
}

/// The diagram of the bootstrap's order in the guide is the graph that the client makes of the example, without what is not drawn
/// and without what other arrows imply.
#[test]
fn the_guide_draws_the_order_of_the_example() {
    let graph = Graph::read(&example().terraform(&["graph"]).succeeds().stdout);
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/guides/from-create-sh-to-one-apply.md");
    let guide = fs::read_to_string(guide).unwrap();
    let diagram = guide.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a diagram");
    let arrows = diagram.lines().filter_map(|line| line.trim().split_once(" --> "));
    let drawn: BTreeSet<(&str, &str)> = arrows.collect();
    let shown: BTreeSet<&str> = drawn.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let all = graph.arrows_between(&shown);
    let differ: Vec<_> = drawn.symmetric_difference(&all).collect();
    assert!(differ.is_empty(), "drawn and not so, or so and not drawn: {differ:#?}");
    let ours = graph.names().filter(|name| name.trim_start_matches("data.").starts_with("tazlab_"));
    for name in ours {
        assert!(shown.contains(name), "{name} is not drawn");
    }
}

/// What each thing needs, by the name that HCL has for it. Terraform tells resources and data sources only; OpenTofu also
/// providers, variables and outputs, and marks the resources.
struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    fn read(text: &str) -> Self {
        let name = |quoted: &str| {
            quoted.trim_matches('"').trim_start_matches("[root] ").trim_end_matches(" (expand)").to_owned()
        };
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // `"what needs" -> "what is needed";`
        for (from, to) in text.lines().filter_map(|line| line.trim().trim_end_matches(';').split_once(" -> ")) {
            needs.entry(name(from)).or_default().insert(name(to));
        }
        assert!(!needs.is_empty(), "no graph: {text}");
        Self(needs)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(name, needs)| std::iter::once(name).chain(needs)).map(String::as_str)
    }

    /// All that something needs, however far away.
    fn needed_by<'a>(&'a self, name: &'a str) -> BTreeSet<&'a str> {
        let (mut found, mut next) = (BTreeSet::new(), vec![name]);
        while let Some(name) = next.pop() {
            next.extend(self.0.get(name).into_iter().flatten().map(String::as_str).filter(|need| found.insert(*need)));
        }
        found
    }

    /// From what is needed to what needs it, for these; none that two others imply.
    fn arrows_between<'a>(&'a self, shown: &BTreeSet<&'a str>) -> BTreeSet<(&'a str, &'a str)> {
        let needed: BTreeMap<&str, BTreeSet<&str>> =
            shown.iter().map(|name| (*name, &self.needed_by(name) & shown)).collect();
        let is_implied = |from: &str, to: &str| needed[to].iter().any(|between| needed[between].contains(from));
        let arrows = needed.iter().flat_map(|(to, needs)| needs.iter().map(|from| (*from, *to)));
        arrows.filter(|(from, to)| !is_implied(from, to)).collect()
    }
}
