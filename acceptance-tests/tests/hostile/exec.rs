//! Credential plugins that fail, print what they were given, or do not end: never an absence of the cluster.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::kubernetes::{ONE, Scene};

/// A credential plugin in the sources, and what it is given.
struct Plugin<'a> {
    scene: &'a Scene,
    path: String,
}

impl<'a> Plugin<'a> {
    /// Each run of it appends a line to the file `runs`.
    fn new(scene: &'a Scene, script: &str) -> Self {
        let sources = scene.workspace.sources();
        let text = format!("#!/bin/sh\ncd {}\necho run >>runs\n{script}\n", sources.display());
        let path = scene.workspace.source("plugin", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        drop(fs::remove_file(sources.join("runs")));
        let plugin = Self { scene, path };
        for name in ["argument", "value", "longer"] {
            plugin.scene.workspace.variable(name, &plugin.scene.workspace.secret());
        }
        plugin
    }

    /// The provider block with the plugin.
    fn block(&self, arguments: &str) {
        let exec = format!(
            "exec = {{\n    command = \"{}\"\n    args = [\"login\", \"--token=${{var.argument}}\", var.argument, \"q7z\"]\n    env = {{ AAA = var.value, BBB = \"${{var.value}}${{var.longer}}\", PIN = \"zq9\" }}\n  }}",
            self.path
        );
        let url = self.scene.server.url();
        let block = format!("kubernetes = {{\n  host = \"{url}\"\n  {exec}\n}}\nconnect_timeout = \"2s\"\n{arguments}");
        self.scene.workspace.provider_block(&block);
        let file = self.scene.workspace.path().join("provider.tf");
        let variables = ["argument", "value", "longer"];
        let variables =
            variables.map(|name| format!("variable \"{name}\" {{\n  type = string\n  sensitive = true\n}}\n"));
        fs::write(&file, fs::read_to_string(&file).unwrap() + &variables.concat()).unwrap();
    }
}

fn credential(token: &str, expires: &str) -> String {
    let status = format!(r#"{{"token":"{token}","expirationTimestamp":"{expires}"}}"#);
    format!(r#"echo '{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{status}}}'"#)
}

/// Prints all that it has, on both outputs.
fn blabs(token: &str) -> String {
    format!(
        "echo 'noise {token}'; echo \"login failed: $AAA $BBB $2 $3 {token} $(printf %s \"$BBB\" | base64)\" >&2; env >&2; exit 1"
    )
}

const NEVER: &str = "2099-01-01T00:00:00Z";
const LONG_AGO: &str = "2001-01-01T00:00:00Z";

#[test]
fn a_plugin_that_fails_shows_nothing_and_forgets_nothing() {
    let scene = Scene::applied();
    let token = scene.workspace.secret();
    let plugin = Plugin::new(&scene, &blabs(&token));
    plugin.block("on_unreachable = \"forget\"");
    scene.workspace.plan().fails().error(&["credential plugin", "exit status: 1"]);
    scene.workspace.apply().fails().error(&["credential plugin"]);
    scene.workspace.destroy().fails().error(&["credential plugin"]);
    assert_eq!(scene.workspace.addresses(), [ONE]);
    assert!(scene.server.take_journal().is_empty(), "nobody is asked without credentials");

    // What it inherits, what it keeps in files of its own: nobody else can tell which of it is secret.
    let inherited = scene.workspace.secret();
    scene.workspace.environment("CLOUD_SESSION", &inherited);
    let cached = scene.workspace.secret();
    scene.workspace.source("cache", &cached);
    let debugs = "cat cache >&2; echo \"session $CLOUD_SESSION $(printf %s \"$CLOUD_SESSION\" | base64 -w 7)\" >&2; echo 'the pin is zq9' >&2; exit 3";
    let plugin = Plugin::new(&scene, debugs);
    plugin.block("");
    let run = scene.workspace.plan().fails();
    run.error(&["credential plugin", "exit status: 3", "run it by hand"]);
    assert!(!run.stdout.contains("zq9") && !run.stdout.contains("session"), "{run}");
    for part in [&inherited[..8], &cached[..8]] {
        assert!(!run.stdout.contains(part) && !scene.workspace.traces().contains(part), "{part}: {run}");
    }

    let good = Plugin::new(&scene, &credential(&token, NEVER));
    good.block("on_unreachable = \"forget\"");
    scene.workspace.plan().succeeds().changes_nothing();
    let sent = scene.server.take_journal();
    assert!(sent.iter().all(|asked| asked.headers["authorization"] == format!("Bearer {token}")));
    scene.workspace.destroy().succeeds();
    assert!(scene.server.object(crate::kubernetes::PATH).is_none(), "the control");
}

#[test]
fn a_token_that_cannot_be_renewed_shows_nothing_and_forgets_nothing() {
    let scene = Scene::applied();
    let token = scene.workspace.secret();
    // A token that has ended is asked for again before each request but the first.
    let script = |runs: usize| {
        format!("if test $(wc -l <runs) -gt {runs}; then {}; fi\n{}", blabs(&token), credential(&token, LONG_AGO))
    };
    for runs in 0..2 {
        let plugin = Plugin::new(&scene, &script(runs));
        plugin.block("on_unreachable = \"forget\"");
        scene.workspace.destroy().fails().error(&["credential plugin", "exit status: 1"]);
        assert_eq!(scene.workspace.addresses(), [ONE], "{runs}");
    }
    let plugin = Plugin::new(&scene, &script(1000));
    plugin.block("");
    scene.workspace.plan().succeeds().changes_nothing();
}

#[test]
fn what_a_plugin_leaves_running_keeps_nobody_waiting_and_ends_with_it() {
    let scene = Scene::applied();
    let token = scene.workspace.secret();
    // A grandchild that ignores what asks it to end, and keeps both outputs open.
    let forks = format!("(trap '' TERM HUP INT; sleep 600 & echo $! >pid)\n{}", credential(&token, NEVER));
    let plugin = Plugin::new(&scene, &forks);
    plugin.block("");
    scene.workspace.plan().succeeds().changes_nothing();
    let pid = fs::read_to_string(scene.workspace.sources().join("pid")).unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start().to_owned());
    assert!(state.is_none_or(|state| state.starts_with(['Z', 'X'])), "{stat}");
}

#[test]
fn a_plugin_that_writes_without_end_is_told_by_the_limit() {
    let scene = Scene::applied();
    let plugin = Plugin::new(&scene, "trap '' PIPE; while true; do echo 0123456789abcdef; done");
    plugin.block("on_unreachable = \"forget\"\n");
    scene.workspace.destroy().fails().error(&["credential plugin", "larger than 1 MiB"]);
    assert_eq!(scene.workspace.addresses(), [ONE]);
}

#[test]
fn a_plugin_that_does_not_end_is_not_an_absence() {
    let scene = Scene::applied();
    let plugin = Plugin::new(&scene, "exec sleep 10");
    plugin.block("on_unreachable = \"forget\"");
    scene.workspace.destroy().fails().error(&["credential plugin", "did not finish"]);
    assert_eq!(scene.workspace.addresses(), [ONE]);
    let good = Plugin::new(&scene, &credential("x", NEVER));
    good.block("");
    scene.workspace.plan().succeeds().changes_nothing();
}
