//! The example is valid for the schemas of every provider that it uses, and only as long as it is.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use acceptance_tests::Testbed;

/// A copy of the example with our provider and the stand-ins.
pub(crate) fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/proxmox-talos");
    copy(&source, &folder.path().join("example"));
    let mut overrides = format!("\"tazlab/tazlab\" = \"{}\"\n", Testbed::provider().parent().unwrap().display());
    for (address, name) in [("siderolabs/talos", "talos"), ("hashicorp/helm", "helm"), ("bpg/proxmox", "proxmox")] {
        let place = folder.path().join(name);
        fs::create_dir(&place).unwrap();
        symlink(env!("CARGO_BIN_EXE_stand-in"), place.join(format!("terraform-provider-{name}"))).unwrap();
        writeln!(overrides, "\"{address}\" = \"{}\"", place.display()).unwrap();
    }
    let settings =
        format!("disable_checkpoint = true\nprovider_installation {{\n  dev_overrides {{\n{overrides}  }}\n}}\n");
    fs::write(folder.path().join("terraform.tfrc"), settings).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

pub(crate) fn terraform(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let variables = variables.iter().map(|(name, value)| (format!("TF_VAR_{name}"), *value));
    Command::new(Testbed::terraform())
        .args(arguments)
        .current_dir(folder.join("example"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("TF_CLI_CONFIG_FILE", folder.join("terraform.tfrc"))
        .env("TF_INPUT", "0")
        .envs(variables)
        .output()
        .expect("Terraform starts")
}

fn validate(folder: &Path) -> Output {
    terraform(folder, &["validate", "-no-color"], &[])
}

pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

#[test]
fn the_example_is_valid() {
    let folder = example();
    let output = validate(folder.path());
    assert!(output.status.success(), "{}", told(&output));
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
        let folder = example();
        let path = folder.path().join("example").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file} has no {before:?} any more");
        fs::write(&path, text.replace(before, after)).unwrap();
        let output = validate(folder.path());
        let wrong = after.split(['=', ' ', '{']).find(|word| !word.is_empty()).unwrap();
        assert!(!output.status.success() && told(&output).contains(wrong), "{file}: {}", told(&output));
    }
}

/// The diagram of the bootstrap's order in the guide is the graph that Terraform makes of the example.
#[test]
fn the_guide_draws_the_order_of_the_example() {
    let folder = example();
    let output = terraform(folder.path(), &["graph"], &[]);
    assert!(output.status.success(), "{}", told(&output));
    // `"what needs" -> "what is needed";`
    let needs: BTreeSet<(String, String)> = String::from_utf8(output.stdout)
        .unwrap()
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
