//! The example is valid for the schemas of every provider that it uses, and only as long as it is.

use std::collections::BTreeSet;
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

/// The diagram of the bootstrap's order in the guide is the graph that Terraform makes of the example.
#[test]
fn the_guide_draws_the_order_of_the_example() {
    let graph = example().terraform(&["graph"]).succeeds().stdout;
    // `"what needs" -> "what is needed";`
    let needs: BTreeSet<(String, String)> = graph
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(';').split_once(" -> "))
        .map(|(from, to)| (to.trim_matches('"').to_owned(), from.trim_matches('"').to_owned()))
        .collect();
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/guides/from-create-sh-to-one-apply.md");
    let guide = fs::read_to_string(guide).unwrap();
    let diagram = guide.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a diagram");
    let arrows = diagram.lines().filter_map(|line| line.trim().split_once(" --> "));
    let drawn: BTreeSet<(String, String)> = arrows.map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    let shown: BTreeSet<&str> = drawn.iter().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();

    // Terraform tells no edge that others imply, so what the diagram leaves out is no way either.
    let between: BTreeSet<(String, String)> = needs
        .iter()
        .filter(|(from, to)| shown.contains(from.as_str()) && shown.contains(to.as_str()))
        .cloned()
        .collect();
    let differ: Vec<_> = drawn.symmetric_difference(&between).collect();
    assert!(differ.is_empty(), "drawn and not so, or so and not drawn: {differ:#?}");
    let ours = needs
        .iter()
        .flat_map(|(from, to)| [from, to])
        .filter(|name| name.trim_start_matches("data.").starts_with("tazlab_"));
    for name in ours {
        assert!(shown.contains(name.as_str()), "{name} is not drawn");
    }
}
