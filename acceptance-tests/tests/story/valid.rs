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
/// and without what other arrows imply. All that is ours is drawn, and of others what the diagram has already.
/// `TAZLAB_WRITE_GENERATED=1` writes it.
#[test]
fn the_guide_draws_the_order_of_the_example() {
    let graph = Graph::read(&example().terraform(&["graph"]).succeeds().stdout);
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/guides/from-create-sh-to-one-apply.md");
    let guide = fs::read_to_string(&place).unwrap();
    let (before, rest) = guide.split_once("```mermaid\n").expect("a diagram");
    let (diagram, after) = rest.split_once("```").expect("the diagram's end");
    let arrows = diagram.lines().filter_map(|line| line.trim().split_once(" --> "));
    let drawn: BTreeSet<(&str, &str)> = arrows.collect();
    let names: BTreeSet<&str> = graph.names().collect();
    let others = drawn.iter().flat_map(|(from, to)| [*from, *to]).filter(|name| names.contains(name));
    let ours = names.iter().copied().filter(|name| name.trim_start_matches("data.").starts_with("tazlab_"));
    let all = graph.arrows_between(&others.chain(ours).collect());
    let lines: Vec<String> = graph.in_order(&all).iter().map(|(from, to)| format!("  {from} --> {to}\n")).collect();
    assert!(lines.len() > 20, "{lines:?}");
    let expected = format!("{before}```mermaid\nflowchart TD\n{}```{after}", lines.concat());
    if std::env::var_os("TAZLAB_WRITE_GENERATED").is_some() {
        fs::write(&place, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&place).unwrap(), expected, "TAZLAB_WRITE_GENERATED=1 writes it");
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

    /// The arrows, those first that lead from what needs the fewest of what is drawn: clients differ in what else they know.
    fn in_order<'a>(&'a self, arrows: &BTreeSet<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
        let drawn: BTreeSet<&str> = arrows.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let needs = |name: &'a str| (&self.needed_by(name) & &drawn).len();
        let mut all: Vec<_> = arrows.iter().copied().collect();
        all.sort_by_key(|(from, to)| (needs(from), *from, needs(to), *to));
        all
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
