//! What Vault itself wrote down: every token and every JWT of a run, however short it lived.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{Vault, Workspace};

/// An audit log with everything in clear, of a Vault that only this test has.
#[derive(Debug)]
pub struct Audit {
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Audit {
    /// Begins one that holds everything that comes after it.
    pub fn of(vault: &Vault) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit");
        let options = json!({"file_path": file.to_str().unwrap(), "log_raw": "true"});
        vault.write("sys/audit/file", &json!({"type": "file", "options": options}));
        Self { file, _folder: folder }
    }

    fn entries(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.file).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn all(&self, pointer: &str) -> BTreeSet<String> {
        let entries = self.entries();
        entries.iter().filter_map(|entry| entry.pointer(pointer)?.as_str()).map(ToOwned::to_owned).collect()
    }

    /// Every token that was given out.
    pub fn issued(&self) -> BTreeSet<String> {
        self.all("/response/auth/client_token")
    }

    /// Requests at a path that Vault did not refuse, counted by their answers.
    pub fn answered(&self, path: &str) -> usize {
        let ours = |entry: &&Value| {
            entry["type"] == "response" && entry["request"]["path"] == path && entry.get("error").is_none()
        };
        self.entries().iter().filter(ours).count()
    }

    /// The paths below `prefix` at which something was written or deleted.
    pub fn changed(&self, prefix: &str) -> BTreeSet<String> {
        let changes =
            |entry: &&Value| matches!(entry["request"]["operation"].as_str(), Some("create" | "update" | "delete"));
        let entries = self.entries();
        let paths = entries.iter().filter(changes).filter_map(|entry| entry["request"]["path"].as_str());
        paths.filter(|path| path.starts_with(prefix)).map(ToOwned::to_owned).collect()
    }

    /// Makes the search at the end of the workspace look for every token, accessor and JWT that Vault has seen; how many.
    pub fn plant(&self, workspace: &Workspace) -> usize {
        let tokens = self.issued();
        let accessors = self.all("/response/auth/accessor");
        let jwts = self.all("/request/data/jwt");
        for secret in tokens.iter().chain(&accessors) {
            workspace.plant(secret);
        }
        for jwt in &jwts {
            plant_jwt(workspace, jwt);
        }
        tokens.len() + accessors.len() + jwts.len()
    }
}

/// The whole, and the signature, without which the rest is worth nothing.
pub fn plant_jwt(workspace: &Workspace, jwt: &str) {
    workspace.plant(jwt);
    workspace.plant(jwt.rsplit('.').next().unwrap());
}

/// Is the token dead?
pub fn is_dead(vault: &Vault, token: &str) -> bool {
    vault.ask_as(token, "GET", "auth/token/lookup-self", None).0 == 403
}
