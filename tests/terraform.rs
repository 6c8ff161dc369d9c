//! The real Terraform runs the built provider: handshake with mutual TLS, schema, functions, apply, end.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-tazlab");

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    tazlab = { source = "tazlab/tazlab" }
  }
}

variable "corefile" {
  type = string
}

resource "terraform_data" "corefile" {
  input = provider::tazlab::corefile_format(provider::tazlab::corefile_checked(var.corefile))
}

output "corefile" {
  value = terraform_data.corefile.output
}
"#;

/// A folder with the configuration and a command line that uses the built provider and nothing of the user's own.
struct Workspace(tempfile::TempDir);

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let built = Path::new(PROVIDER).parent().unwrap().display();
        let settings = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  dev_overrides {{ \"tazlab/tazlab\" = \"{built}\" }}\n}}\n"
        );
        fs::write(folder.path().join("terraform.tfrc"), settings).unwrap();
        fs::write(folder.path().join("main.tf"), CONFIGURATION).unwrap();
        fs::create_dir(folder.path().join("sockets")).unwrap();
        Self(folder)
    }

    fn terraform(&self, arguments: &[&str], corefile: &str) -> Output {
        let folder = self.0.path();
        Command::new("terraform")
            .args(arguments)
            .arg("-no-color")
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("TF_CLI_CONFIG_FILE", folder.join("terraform.tfrc"))
            .env("TF_VAR_corefile", corefile)
            .env("PLUGIN_UNIX_SOCKET_DIR", folder.join("sockets"))
            .output()
            .expect("terraform 1.11 or newer must be in PATH: see README.md")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn terraform_applies_with_the_provider_and_leaves_no_socket_behind() {
    let workspace = Workspace::new();
    let corefile = ".:53 {\nerrors\n  cache   30\n}\n";
    let applied = workspace.terraform(&["apply", "-auto-approve", "-input=false"], corefile);
    assert!(applied.status.success(), "{}{}", text(&applied.stdout), text(&applied.stderr));
    let output = workspace.terraform(&["output", "-raw", "corefile"], corefile);
    assert_eq!(text(&output.stdout), ".:53 {\n    errors\n    cache 30\n}\n");
    let planned = workspace.terraform(&["plan", "-detailed-exitcode", "-input=false"], corefile);
    assert_eq!(planned.status.code(), Some(0), "{}", text(&planned.stdout));
    let destroyed = workspace.terraform(&["destroy", "-auto-approve", "-input=false"], corefile);
    assert!(destroyed.status.success(), "{}", text(&destroyed.stderr));
    assert_eq!(fs::read_dir(workspace.0.path().join("sockets")).unwrap().count(), 0);
}

#[test]
fn a_wrong_corefile_fails_the_plan_with_its_place() {
    let workspace = Workspace::new();
    let planned = workspace.terraform(&["plan", "-input=false"], ".:53 {\n  health { lameduck 5s }\n}\n");
    assert_eq!(planned.status.code(), Some(1));
    let shown = text(&planned.stderr);
    assert!(shown.contains("Corefile:2:10") && shown.contains("a block needs its own lines"), "{shown}");
}
