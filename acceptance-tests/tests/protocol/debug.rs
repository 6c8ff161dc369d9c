//! `--debug`: Terraform takes a provider that somebody else started, as a debugger does.

use std::process::Stdio;

use acceptance_tests::plugin::DEADLINE;
use acceptance_tests::{Testbed, Workspace};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const CONFIGURATION: &str =
    "output \"formatted\" {\n  value = provider::tazlab::corefile_format(\". {\\nerrors\\n}\")\n}\n";

#[tokio::test]
async fn terraform_reattaches_and_an_interrupt_ends_it() {
    let mut provider = Command::new(Testbed::provider())
        .arg("--debug")
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(provider.stdout.take().unwrap()).lines();
    let told = async {
        loop {
            let line = out.next_line().await.unwrap().expect("it says how to reattach");
            if let Some((_, value)) = line.split_once("TF_REATTACH_PROVIDERS=") {
                return value.trim_matches(['\'', '"']).to_owned();
            }
        }
    };
    let reattach = tokio::time::timeout(DEADLINE, told).await.unwrap();
    let workspace = Workspace::without_cluster("");
    workspace.without_override(&reattach);
    workspace.hcl(CONFIGURATION);
    let shown = tokio::task::spawn_blocking(move || {
        workspace.terraform(&["init", "-no-color"]).succeeds();
        workspace.apply().succeeds();
        workspace.state()["values"]["outputs"]["formatted"]["value"].clone()
    });
    assert_eq!(shown.await.unwrap(), ". {\n    errors\n}\n");
    let pid = provider.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let ended = tokio::time::timeout(DEADLINE, provider.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
}
