//! The example is valid for the schemas of every provider that it uses, and only as long as it is.

use std::fs;

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
