//! Every block of HCL in the documents: all of them are parsed and laid out as `terraform fmt` does it, and validated with the
//! schemas of the provider, in one run of Terraform each. And every message that a guide quotes is some test's business.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use acceptance_tests::{Capability, Client, Quote, Workspace, guide};
use serde_json::Value;

/// What a document refers to and leaves to the reader, and what stands for it here.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "talos_machine_bootstrap.this",
        "resource \"talos_machine_bootstrap\" \"this\" {\n  client_configuration = { ca_certificate = \"\", client_certificate = \"\", client_key = \"\" }\n  node = \"10.0.0.10\"\n}\n",
    ),
    (
        "talos_cluster_kubeconfig.this",
        "resource \"talos_cluster_kubeconfig\" \"this\" {\n  client_configuration = { ca_certificate = \"\", client_certificate = \"\", client_key = \"\" }\n  node = \"10.0.0.10\"\n}\n",
    ),
    ("= tazlab.cluster", "provider \"tazlab\" {\n  alias = \"cluster\"\n}\n"),
];

/// Who makes the providers that appear, for Terraform's `required_providers`.
const PROVIDERS: &[(&str, &str)] = &[
    ("tazlab", "tazlab/tazlab"),
    ("talos", "siderolabs/talos"),
    ("helm", "hashicorp/helm"),
    ("vault", "hashicorp/vault"),
];

/// What a file of manifests has in it.
const MANIFEST: &str = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: demo\n";

/// A block of HCL and where it stands.
struct Block {
    place: String,
    text: String,
}

impl Block {
    /// Why it cannot be validated by the client under test; it is parsed all the same.
    fn only_parsed(&self) -> Option<&'static str> {
        let client = Client::under_test();
        let has = |what: &str| self.text.lines().any(|line| line.starts_with(what));
        if has("list \"") {
            // The suite `clients` runs such files.
            return Some("it belongs in a query file, which `terraform validate` does not read");
        }
        if has("action \"") && !client.can(Capability::Actions) {
            return Some("the client knows no actions");
        }
        if self.text.contains("after_destroy]") && !client.can(Capability::DestroyTriggers) {
            return Some("the client knows no such trigger");
        }
        if has("import {") {
            return Some("it belongs in the root module, beside its resource");
        }
        None
    }

    /// A module of its own: the block, and what it refers to.
    fn module(&self) -> String {
        let mut module = self.text.clone();
        for (reference, declaration) in ELSEWHERE {
            let head = declaration.lines().next().unwrap();
            let is_declared = self.text.contains(head) || self.text.contains("alias = \"cluster\"");
            if self.text.contains(reference) && !is_declared {
                write!(module, "\n{declaration}").unwrap();
            }
        }
        for (at, found) in self.text.match_indices("var.") {
            let of_a_name = |character: &char| character.is_alphanumeric() || *character == '_';
            if self.text[..at].chars().next_back().is_some_and(|before| of_a_name(&before)) {
                continue;
            }
            let name: String = self.text[at + found.len()..].chars().take_while(of_a_name).collect();
            let declaration = format!("variable \"{name}\" {{");
            if !module.contains(&declaration) {
                write!(module, "\n{declaration}\n  default = null\n}}\n").unwrap();
            }
        }
        if !self.text.contains("required_providers") {
            let mut required = String::new();
            for (name, source) in PROVIDERS {
                writeln!(required, "    {name} = {{ source = \"{source}\" }}").unwrap();
            }
            write!(module, "\nterraform {{\n  required_providers {{\n{required}  }}\n}}\n").unwrap();
        }
        module
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn collect(folder: &Path, blocks: &mut BTreeMap<String, Block>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, blocks);
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "tmpl") {
            of_document(&path, blocks);
        }
    }
}

/// The blocks of a document. The same block in a template and in its page is one.
fn of_document(path: &Path, blocks: &mut BTreeMap<String, Block>) {
    let text = fs::read_to_string(path).unwrap();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        match (&mut open, line) {
            (None, "```terraform" | "```hcl") => open = Some((number + 1, String::new())),
            (None, _) => {}
            (Some(_), "```") => {
                let (number, text) = open.take().unwrap();
                let place = format!("{}:{number}", path.strip_prefix(root()).unwrap().display());
                blocks.entry(text.clone()).or_insert(Block { place, text });
            }
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    assert!(open.is_none(), "{}: a block does not end", path.display());
}

fn blocks() -> Vec<Block> {
    let mut blocks = BTreeMap::new();
    of_document(&root().join("README.md"), &mut blocks);
    for folder in ["docs", "templates", "examples"] {
        collect(&root().join(folder), &mut blocks);
    }
    let blocks: Vec<Block> = blocks.into_values().collect();
    assert!(blocks.len() > 40, "only {} blocks were found", blocks.len());
    blocks
}

#[test]
fn every_block_of_hcl_is_valid() {
    let (blocks, workspace) = (blocks(), Workspace::without_cluster(""));
    workspace.without_traces();
    workspace.stand_ins(
        &["siderolabs/talos", "hashicorp/helm", "hashicorp/vault"].map(|name| (name, env!("CARGO_BIN_EXE_stand-in"))),
    );
    let mut calls = String::new();
    for (number, block) in blocks.iter().enumerate() {
        let raw = workspace.path().join("raw");
        fs::create_dir_all(&raw).unwrap();
        fs::write(raw.join(format!("{number}.tf")), &block.text).unwrap();
        if let Some(why) = block.only_parsed() {
            println!("{}: only parsed: {why}", block.place);
            continue;
        }
        // A file that it reads is the reader's too.
        for name in block.text.split("file(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let content = if Path::new(name).extension() == Some("yaml".as_ref()) { MANIFEST } else { "its content" };
            super::write(&workspace.path(), name, content);
        }
        let folder = workspace.path().join("modules").join(number.to_string());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.tf"), block.module()).unwrap();
        // What the block declares as a variable is a value that its reader gives.
        let declared = block.text.lines().filter_map(|line| line.strip_prefix("variable \"")?.split('"').next());
        writeln!(calls, "module \"b{number}\" {{\n  source = \"./modules/{number}\"").unwrap();
        declared.for_each(|name| writeln!(calls, "  {name} = null").unwrap());
        calls.push_str("}\n");
    }
    let place = |file: &str| {
        let number = file.split(['/', '.']).find_map(|part| part.parse::<usize>().ok());
        number.map_or_else(|| file.to_owned(), |number| blocks[number].place.clone())
    };

    // Parsed, and laid out.
    let formatted = workspace.terraform(&["fmt", "-check", "-no-color", "raw"]);
    let other: Vec<String> = formatted.stdout.lines().map(place).collect();
    assert_eq!((formatted.code, other), (Some(0), Vec::new()), "{formatted}");

    // Validated.
    workspace.hcl(&calls);
    workspace.terraform(&["get"]).succeeds();
    let validated = workspace.terraform(&["validate", "-json"]);
    let verdict: Value = serde_json::from_str(&validated.stdout).unwrap();
    let errors = verdict["diagnostics"].as_array().unwrap().iter().filter(|one| one["severity"] == "error");
    let told: Vec<String> = errors
        .map(|one| {
            let at = place(one["range"]["filename"].as_str().unwrap_or_default());
            format!("{at} and {} more lines: {}: {}", one["range"]["start"]["line"], one["summary"], one["detail"])
        })
        .collect();
    assert!(told.is_empty() && verdict["valid"] == true, "{}", told.join("\n"));
    println!("{} blocks, formatted in {:.2?} and validated in {:.2?}", blocks.len(), formatted.took, validated.took);
}

/// Slips of the pen, in documents, comments and messages.
#[test]
fn the_spelling_is_right() {
    let checked = Command::new(root().join("acceptance-tests/spelling")).output().unwrap();
    let told = [checked.stdout, checked.stderr].concat();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&told));
}

/// The check above looks: an argument that does not exist is refused.
#[test]
fn a_block_can_be_wrong() {
    let workspace = Workspace::without_cluster("");
    workspace.without_traces();
    let text =
        "resource \"tazlab_coredns\" \"this\" {\n  provider  = tazlab.cluster\n  cluster_pi = var.ip\n}\n".to_owned();
    let block = Block { place: String::new(), text };
    let folder = workspace.path().join("modules/0");
    fs::create_dir_all(&folder).unwrap();
    let module = block.module();
    let ours = module.lines().filter(|line| !line.contains("siderolabs/") && !line.contains("hashicorp/"));
    fs::write(folder.join("main.tf"), ours.collect::<Vec<_>>().join("\n")).unwrap();
    workspace.hcl("module \"b0\" {\n  source = \"./modules/0\"\n}\n");
    workspace.terraform(&["get"]).succeeds();
    let refused = workspace.terraform(&["validate", "-json"]);
    assert!(refused.stdout.contains("cluster_pi") && !refused.stdout.contains("undeclared"), "{refused}");
    assert_ne!(workspace.terraform(&["fmt", "-check", "-recursive", "modules"]).code, Some(0));
}

#[test]
fn the_messages_that_need_no_cluster_are_those_of_the_guide() {
    let workspace = Workspace::without_cluster("  kubernetes = { host = \"https://127.0.0.1:1\" }");
    let hcl = r#"
resource "tazlab_coredns" "this" {
  cluster_ip = "10.96.0.10"
  corefile   = <<-EOT
    .:53 {
        errors
        health { lameduck 5s }
        ready
        kubernetes cluster.local
        forward . 1.1.1.1
    }
  EOT
}

output "patch" {
  value = provider::tazlab::talos_checked_patch("machine:\n  certSANs:\n    - lushycorp-k8s.magellanic-gondola.ts.net\n")
}
"#;
    workspace.hcl(hcl);
    let planned = workspace.plan().fails();
    Quote::of("Error: CoreDNS would not start, or not answer, with this Corefile").is_told_by(&planned);
    Quote::of("Error: Invalid function argument").is_told_by(&planned);

    let repository = workspace.path().join("repository");
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: infrastructure-monitoring\n  namespace: flux-system\nspec:\n  path: ./infrastructure/monitoring\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n";
    super::write(&repository, "clusters/tazlab-k8s/monitoring.yaml", flux);
    super::write(&repository, "infrastructure/monitoring/kustomization.yaml", "resources:\n  - grafana.yaml\n");
    super::write(&repository, "infrastructure/monitoring/grafana.yaml", &map("grafana"));
    super::write(&repository, "infrastructure/monitoring/secrets.yaml", &map("secrets"));
    workspace.hcl("data \"tazlab_kustomization\" \"repository\" {\n  path    = \"repository\"\n  entries = [\"clusters/tazlab-k8s\"]\n}\n");
    Quote::of("Warning: The repository has problems").is_told_by(&workspace.plan().succeeds());
}

/// No guide shows a message that no test compares with a real one.
#[test]
fn every_message_that_a_guide_quotes_is_compared() {
    fn sources(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                sources(&entry.path(), text);
            } else {
                text.push_str(&fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    let mut tests = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut tests);
    let all = guide::all();
    assert!(all.len() >= 9, "{all:?}");
    for quote in all {
        let named = format!("{:?}", quote.first_line());
        assert!(tests.contains(&named), "no test compares {named} with a real message");
    }
}
