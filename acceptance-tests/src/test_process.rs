//! Which process a namespace of a test is for, and whether that is over.

use std::path::Path;

use serde_json::Value;

/// The annotation of a test's namespace with the process that it is for.
const PROCESS: &str = "tazlab.io/test-process";

/// The annotations of a namespace that is this process's.
pub(crate) fn annotations() -> Value {
    let mut annotations = serde_json::Map::new();
    annotations.insert(PROCESS.to_owned(), format!("{}/{}", boot(), std::process::id()).into());
    annotations.into()
}

/// This start of this machine: a process of another one cannot be asked after.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// Is the namespace's process over, or the namespace itself?
pub(crate) fn is_left(namespace: &Value) -> bool {
    let process = namespace["metadata"]["annotations"][PROCESS].as_str().and_then(|process| process.split_once('/'));
    let ended = process.is_some_and(|(at, pid)| at == boot() && !Path::new("/proc").join(pid).exists());
    ended || namespace["metadata"]["deletionTimestamp"].is_string()
}
