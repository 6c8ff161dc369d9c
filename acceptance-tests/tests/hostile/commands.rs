//! Programs that are named as sources of a Secret and do not end, or ask for a password: they end with their plan, and never halt the
//! provider.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use acceptance_tests::{Proxy, Testbed, Workspace};

use crate::process::{HANGING, all_end, at_work, kill, runs};

/// A workspace with a Secret whose content comes from this script, which gets a file as `$1`.
fn with_command(script: &str, arguments: &str) -> (Workspace, String) {
    let workspace = Workspace::without_cluster(&format!(
        "  kubernetes = {{ host = \"https://127.0.0.1:{}\" }}",
        Proxy::free_port()
    ));
    let (script, file) = (workspace.source("program.sh", script), workspace.source("pids", ""));
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"a\" {{\n  namespace = \"a\"\n  name = \"a\"\n  commands = {{ a = [\"/bin/sh\", \"{script}\", \"{file}\"] }}\n{arguments}\n}}\n"
    ));
    (workspace, file)
}

#[test]
fn what_hangs_is_ended_with_what_it_started_and_is_an_error() {
    let (workspace, pids) = with_command(HANGING, "  command_timeout = \"1s\"");
    let run = workspace.plan().fails();
    run.error(&["did not end within 1s", "password", "command_timeout"]);
    let pids: Vec<u32> = fs::read_to_string(pids).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert!(pids.len() == 2 && !pids.iter().any(|pid| runs(*pid)), "{pids:?}");
}

#[test]
fn a_program_ends_with_a_terraform_that_is_killed() {
    let (workspace, pids) = with_command(HANGING, "  command_timeout = \"10m\"");
    let started = workspace.start(&["plan", "-json"]);
    let all = at_work(&started, &pids);
    let since = Instant::now();
    kill("KILL", started.terraform());
    all_end(&all, since, &workspace);
    drop(started.end());
}

/// `terraform plan` as somebody runs it who sits at a terminal and types nothing.
fn in_a_terminal(workspace: &Workspace) -> String {
    let folder = workspace.path();
    let settings = folder.parent().unwrap().join("terraform.tfrc");
    let plan = format!("{} plan -no-color -input=false", Testbed::terraform().display());
    let out = Command::new("script")
        .args(["-qec", &plan, "/dev/null"])
        .current_dir(&folder)
        .env("TF_CLI_CONFIG_FILE", settings)
        .stdin(Stdio::null())
        .output()
        .expect("script (util-linux) gives a program a terminal");
    String::from_utf8_lossy(&out.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_program_that_asks_at_the_terminal_halts_nobody_and_fails() {
    // As ssh, sudo, age and pinentry ask: on the terminal itself, with its echo off.
    let asks = "printf 'Password: ' >/dev/tty\nstty -echo </dev/tty\nread -r password </dev/tty || exit 9\necho \"$password\"\n";
    for script in [asks, "read -r password || exit 9\necho \"$password\"\n"] {
        let (workspace, _) = with_command(script, "  command_timeout = \"5s\"");
        let since = Instant::now();
        let told = in_a_terminal(&workspace);
        assert!(told.contains("No content for key") && told.contains("unlock what it reads beforehand"), "{told}");
        assert!(since.elapsed() < Duration::from_mins(2), "{:?}", since.elapsed());
    }
}
