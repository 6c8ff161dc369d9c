//! What is taken away from the testbed, as a newborn cluster lacks it: definitions with their controllers, namespaces, and
//! nothing else.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use acceptance_tests::kubectl::tried;
use serde_json::Value;

/// The namespaces that the example and its repository make.
pub(crate) const NAMESPACES: [&str; 4] = ["external-secrets", "flux-system", "monitoring", "tailscale"];

/// Definitions that a release brings, by the ends of their names, and the testbed's program that takes the release's part.
pub(crate) const EXTERNAL_SECRETS: (&str, &str) = ("external-secrets", ".external-secrets.io");
pub(crate) const FLUX: (&str, &str) = ("kustomize-controller", ".toolkit.fluxcd.io");

/// What the API server's Service is called.
const APISERVER: [&str; 4] = ["service", "tailscale-apiserver", "-n", "kube-system"];

/// Starts or stops a controller of the testbed.
///
/// # Errors
/// What it said.
pub(crate) fn part(program: &str, operation: &str) -> Result<(), String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed").join(program);
    // What it starts outlives the test, and must keep no file of the test's own callers open: it may be locked.
    let closes =
        r#"for file in /proc/$$/fd/*; do [ "${file##*/}" -le 2 ] || eval "exec ${file##*/}>&-"; done; exec "$@""#;
    let mut command = Command::new("bash");
    let command = command.args(["-c", closes, "bash"]).arg(&script).arg(operation);
    let output = command.output().map_err(|error| error.to_string())?;
    let told = || format!("{} {operation}: {}", script.display(), String::from_utf8_lossy(&output.stderr).trim());
    if output.status.success() { Ok(()) } else { Err(told()) }
}

/// Takes away the Services that the operator holds, and the namespaces, whose end is not waited for; gives what failed.
pub(crate) fn remove_namespaces() -> Vec<String> {
    release("services", "tailscale.com");
    let mut failed: Vec<String> =
        tried(&[&["delete", "--ignore-not-found"], &APISERVER[..]].concat()).err().into_iter().collect();
    match there() {
        Err(error) => failed.push(error),
        Ok(names) if names.is_empty() => {}
        Ok(names) => {
            for name in names.iter().filter_map(|name| name.split('/').nth(1)) {
                let forced = ["delete", "pods", "--all", "-n", name, "--grace-period=0", "--force"];
                failed.extend(tried(&forced).err());
            }
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            failed.extend(tried(&[&["delete", "--ignore-not-found", "--wait=false"], &names[..]].concat()).err());
        }
    }
    failed
}

/// The namespaces that are there, as `namespace/name`.
fn there() -> Result<Vec<String>, String> {
    let names = tried(&[&["get", "--ignore-not-found", "-o", "name", "namespaces"], &NAMESPACES[..]].concat())?;
    Ok(names.lines().map(ToOwned::to_owned).collect())
}

/// Waits until the namespaces are gone.
///
/// # Errors
/// What is still there after a minute.
pub(crate) fn emptied() -> Result<(), String> {
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        match there() {
            Ok(names) if names.is_empty() => return Ok(()),
            Ok(names) if Instant::now() > end => return Err(format!("still there: {names:?}")),
            Err(error) if Instant::now() > end => return Err(error),
            _ => std::thread::park_timeout(Duration::from_millis(100)),
        }
    }
}

/// Takes away definitions, and everything of their kinds, and their controller; gives what failed.
pub(crate) fn remove((program, end): (&str, &str)) -> Vec<String> {
    let mut failed: Vec<String> = part(program, "stop").err().into_iter().collect();
    let all = match tried(&["get", "customresourcedefinitions", "-o", "name"]) {
        Ok(all) => all,
        Err(error) => return vec![error],
    };
    let names: Vec<&str> = all.lines().filter(|name| name.ends_with(end)).collect();
    if !names.is_empty() {
        // Nobody is there any more to do what a finalizer waits for.
        let kinds: Vec<&str> = names.iter().filter_map(|name| name.split('/').nth(1)).collect();
        release(&kinds.join(","), "");
        failed.extend(tried(&[&["delete", "--ignore-not-found", "--timeout=60s"], &names[..]].concat()).err());
    }
    failed
}

/// Takes the finalizers off all objects of some kinds, where one begins so; what goes meanwhile needs it no more.
fn release(kinds: &str, finalizer: &str) {
    let text = tried(&["get", kinds, "-A", "-o", "json"]).unwrap_or_default();
    let all: Value = serde_json::from_str(&text).unwrap_or_default();
    let held = |item: &&Value| {
        let finalizers = item["metadata"]["finalizers"].as_array().into_iter().flatten();
        finalizers.filter_map(Value::as_str).any(|one| one.starts_with(finalizer))
    };
    for item in all["items"].as_array().into_iter().flatten().filter(held) {
        let text = |place: &Value| place.as_str().unwrap_or_default().to_owned();
        let group = text(&item["apiVersion"]).split_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default();
        let (kind, name) = (text(&item["kind"]) + &group, text(&item["metadata"]["name"]));
        let namespace = text(&item["metadata"]["namespace"]);
        let mut arguments = vec!["patch", &kind, &name, "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#];
        if !namespace.is_empty() {
            arguments.extend(["-n", &namespace]);
        }
        drop(tried(&arguments));
    }
}
