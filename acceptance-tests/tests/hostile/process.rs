//! What hangs: a credential plugin, a pipe where a file is expected. The provider ends with its Terraform all the same, and what it
//! started ends with it.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use acceptance_tests::started::Started;
use acceptance_tests::{Proxy, Workspace, poll};

/// In so much time everything has ended, where the machine has nothing else to do.
const LIMIT: Duration = Duration::from_secs(2);
/// Nothing takes longer unless it hangs, also on a busy machine.
const SOON: Duration = Duration::from_mins(3);

/// A workspace whose plan runs a credential plugin: this script, which gets the file for its process ids as `$1`.
fn with_plugin(script: &str) -> (Workspace, String) {
    let workspace = Workspace::without_cluster("");
    let (script, pids) = (workspace.source("plugin.sh", script), workspace.source("pids", ""));
    workspace.provider_block(&format!(
        "  kubernetes = {{\n    host = \"https://127.0.0.1:{}\"\n    exec = {{\n      api_version = \"client.authentication.k8s.io/v1\"\n      command = \"/bin/sh\"\n      args = [\"{script}\", \"{pids}\"]\n    }}\n  }}",
        Proxy::free_port()
    ));
    // Two at once, each of which wants a token.
    workspace.hcl("data \"tazlab_cluster_jwks\" \"keys\" {\n  count = 2\n}\n");
    (workspace, pids)
}

/// A plugin that never answers, ignores what asks it to end, and has a child that does neither.
pub(crate) const HANGING: &str = "trap '' TERM INT HUP\necho $$ >> $1\n(trap '' TERM INT HUP; sleep 600) &\necho $! >> $1\nwhile true; do wait; done\n";

/// A plugin that answers.
const ANSWERING: &str = "echo $$ >> $1\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"none\"}}'\n";

pub(crate) fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next().map(ToOwned::to_owned));
    state.is_some_and(|state| !matches!(state.as_str(), "Z" | "X"))
}

/// The process ids that the plugin wrote, once there are two, and that of the provider.
pub(crate) fn at_work(started: &Started, pids: &str) -> Vec<u32> {
    let read = || -> Vec<u32> {
        fs::read_to_string(pids).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect()
    };
    let mut all = poll::until(SOON, "credential plugin at work", || Some(read()).filter(|pids| pids.len() >= 2));
    all.push(started.provider().expect("the provider is at work"));
    assert!(all.iter().all(|pid| runs(*pid)), "{all:?}");
    all
}

pub(crate) fn kill(signal: &str, pid: u32) {
    assert!(Command::new("kill").args(["-s", signal, &pid.to_string()]).status().unwrap().success());
}

/// What runs in the workspace: also what nobody wrote down, such as a plugin that was started again when it was killed.
fn running_in(workspace: &Workspace) -> Vec<u32> {
    let folder = workspace.sources().display().to_string();
    let processes =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let command = |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    processes.filter(|pid| String::from_utf8_lossy(&command(pid)).contains(&folder)).collect()
}

pub(crate) fn all_end(pids: &[u32], since: Instant, workspace: &Workspace) {
    let ended = || !pids.iter().any(|pid| runs(*pid)) && running_in(workspace).is_empty();
    poll::until(SOON, "end of everything", || ended().then_some(()));
    let took = since.elapsed();
    // How busy the machine is.
    let control = workspace.terraform(&["version"]).succeeds();
    let limit = LIMIT + control.took * 4;
    assert!(took < limit, "{took:?}, where {limit:?} is the limit");
}

#[test]
fn nothing_outlives_a_terraform_that_is_killed() {
    let (workspace, pids) = with_plugin(HANGING);
    let started = workspace.start(&["plan", "-json"]);
    let all = at_work(&started, &pids);
    let since = Instant::now();
    kill("KILL", started.terraform());
    all_end(&all, since, &workspace);
    drop(started.end());
}

#[test]
fn nothing_outlives_a_provider_that_is_asked_to_end() {
    let (workspace, pids) = with_plugin(HANGING);
    let started = workspace.start(&["plan", "-json"]);
    let all = at_work(&started, &pids);
    let since = Instant::now();
    kill("TERM", *all.last().unwrap());
    all_end(&all, since, &workspace);
    // What it was asked for has failed by then, or is said to be unknown.
    assert!(matches!(started.end().code, Some(0 | 1)));
}

#[test]
fn nothing_outlives_a_terraform_that_is_interrupted_twice() {
    let (workspace, pids) = with_plugin(HANGING);
    let started = workspace.start(&["plan", "-json"]);
    let all = at_work(&started, &pids);
    started.signal("INT");
    started.says(SOON, "Interrupt received");
    started.signal("INT");
    drop(started.end());
    all_end(&all, Instant::now(), &workspace);
}

#[test]
fn a_plugin_that_answers_is_done_before_its_terraform() {
    // The control: the same without anything that hangs.
    let (workspace, pids) = with_plugin(ANSWERING);
    let run = workspace.plan();
    assert!(matches!(run.code, Some(0..=2)), "{run}");
    assert!(run.took < Duration::from_mins(3));
    let pid = fs::read_to_string(pids).unwrap().lines().next().unwrap().parse().unwrap();
    assert!(!runs(pid));
}

const ROLE: &str = r#"
resource "tazlab_vault_jwt_role" "a" {
  name            = "a"
  user_claim      = "sub"
  token_policies  = ["a"]
  bound_audiences = ["a"]
}
"#;

const KEYS: &str = "data \"tazlab_cluster_jwks\" \"keys\" {}\n";

const DEVICES: &str = "data \"tazlab_tailnet_devices\" \"all\" {}\n";

const SECRET: &str = r#"
resource "tazlab_bootstrap_secret" "a" {
  namespace = "a"
  name      = "a"
  files     = { a = "@" }
  timeouts  = { create = "5s" }
}
"#;

/// Everything that reads a file: a provider block and what uses it.
const READERS: &[(&str, &str)] = &[
    ("tailscale = { base_url = \"http://127.0.0.1:9\", api_key_file = \"@\" }", DEVICES),
    ("kubernetes = { config_path = \"@\" }", KEYS),
    ("kubernetes = { host = \"https://127.0.0.1:9\", token_file = \"@\" }", KEYS),
    ("vault = { address = \"https://127.0.0.1:9\", token_file = \"@\" }", ROLE),
    ("vault = { address = \"https://127.0.0.1:9\", token = \"none\", ca_cert_file = \"@\" }", ROLE),
    ("kubernetes = { host = \"https://127.0.0.1:9\" }", SECRET),
];

/// What reads the system's certificate authorities.
const TRUSTING: &[(&str, &str)] = &[
    ("kubernetes = { host = \"https://127.0.0.1:9\" }", KEYS),
    ("vault = { address = \"https://127.0.0.1:9\", token = \"none\" }", ROLE),
    ("tailscale = { base_url = \"https://127.0.0.1:9\", api_key = \"none\" }", DEVICES),
];

#[test]
fn a_pipe_or_a_device_in_place_of_certificate_authorities_is_refused_at_once() {
    for (provider, used) in TRUSTING {
        let workspace = Workspace::without_cluster("");
        workspace.provider_block(provider);
        workspace.hcl(used);
        let pipe = workspace.sources().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.to_str().unwrap(), "/dev/zero"] {
            workspace.environment("SSL_CERT_FILE", path);
            let run = workspace.apply();
            assert!(run.took < Duration::from_mins(3), "{provider}: {run}");
            let told = [run.errors(), run.warnings()].concat().join("\n");
            let words = ["SSL_CERT_FILE", "regular file", path];
            assert!(words.iter().all(|word| told.contains(word)), "{provider}: {run}");
        }
        workspace.environment("SSL_CERT_FILE", &workspace.source("none.pem", ""));
        let run = workspace.apply();
        let told = [run.errors(), run.warnings()].concat().join("\n");
        assert!(!told.contains("regular file"), "{provider}: {run}");
    }
}

#[test]
fn a_pipe_or_a_device_in_place_of_a_file_is_refused_at_once() {
    for (provider, used) in READERS {
        let workspace = Workspace::without_cluster("");
        let pipe = workspace.sources().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.to_str().unwrap(), "/dev/zero"] {
            workspace.provider_block(&provider.replace('@', path));
            workspace.hcl(&used.replace('@', path));
            let run = workspace.apply();
            assert!(run.took < Duration::from_mins(3), "{provider}: {run}");
            let told = [run.errors(), run.warnings()].concat().join("\n");
            assert!(told.contains("regular file") && told.contains(path), "{provider}: {run}");
        }
        // The control: a file; what is wrong then is the server that is not there, or what the file says.
        let file = workspace.source("file", "none\n");
        workspace.provider_block(&provider.replace('@', &file));
        workspace.hcl(&used.replace('@', &file));
        let run = workspace.apply();
        let told = [run.errors(), run.warnings()].concat().join("\n");
        assert!(run.took < Duration::from_mins(3), "{provider}: {run}");
        assert!(!told.contains("regular file"), "{provider}: {run}");
    }
}
