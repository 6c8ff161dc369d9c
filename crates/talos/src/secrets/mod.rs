//! What of a patch is secret: keys and tokens that every machine configuration has, credentials of registries, networks and
//! extensions. Nothing here quotes a value.
//!
//! The fields are those of Talos 1.12 and 1.13 (`pkg/machinery/config/types`). They are found by name and place, in strategic
//! merge patches, in further documents and in the operations of a JSON patch, before anything is decoded: a patch with another
//! mistake in it holds its secrets all the same.

#[cfg(test)]
mod tests;
mod text;

use tazlab_yaml::{self as yaml, Kind, Node};

use super::json_patch;
use super::problem::Problem;
pub use text::is_credential;
use text::{holds_a_secret, is_secret_header, is_secret_setting, is_secret_variable};

/// What belongs to the cluster's own secrets.
const BUNDLE: &str = "this is a key or a token of the cluster. It belongs to the cluster's secrets (talos_machine_secrets), which \
                      the machine configuration has already: remove it from the patch";

/// What is no business of the cluster's, and secret.
const OTHER: &str = "this is a credential. Put it into a patch of its own, from an ephemeral or write-only value, and give that \
                     patch to the machine configuration without this function";

/// A Secret among the inline manifests.
const MANIFEST: &str = "the manifest is a Secret with data. Make it with tazlab_bootstrap_secret, which keeps it out of plan and \
                        state, and remove it from the patch";

/// Fields that are secret wherever they are.
const ANYWHERE: &[&str] = &[
    "apiToken",
    "auth",
    "authKey",
    "bootstrapToken",
    "clientSecret",
    "identityToken",
    "joinToken",
    "passphrase",
    "password",
    "preSharedKey",
    "presharedKey",
    "privateKey",
    "secret",
    "token",
    "uniqueToken",
];

/// What has a certificate and its `key`.
const PAIRS: &[&str] = &["acceptedCAs", "aggregatorCA", "ca", "clientIdentity", "issuingCA", "serviceAccount"];

/// Maps whose keys are the user's: a label may be called `token`.
const FREE: &[&str] = &[
    "annotations",
    "extraArgs",
    "labels",
    "matchLabels",
    "nodeAnnotations",
    "nodeLabels",
    "nodeTaints",
    "sysctls",
    "sysfs",
];

/// Everything secret that a patch holds, with its place and where it belongs.
#[must_use]
pub fn secrets(patch: &str) -> Vec<Problem> {
    let Ok(documents) = yaml::parse(patch) else { return Vec::new() };
    let mut search = Search { found: Vec::new(), path: Vec::new() };
    for document in &documents {
        if json_patch::is_patch(document) {
            document.items().iter().for_each(|operation| search.operation(operation, document.items()));
        } else {
            search.visit(document);
        }
    }
    search.found.sort_by_key(|problem| problem.at.unwrap_or_default());
    search.found.dedup();
    search.found
}

struct Search {
    found: Vec<Problem>,
    /// The keys down to the node; members of lists have none.
    path: Vec<String>,
}

impl Search {
    /// One operation of a JSON patch. A key that comes twice counts each time: readers differ in which one they take.
    fn operation(&mut self, operation: &Node, all: &[Node]) {
        for path in texts(operation, "path") {
            let path = keys(path);
            for value in values(operation) {
                self.visit_at(&path, value);
            }
            // What one operation adds, another may put elsewhere.
            let moves = texts(operation, "op").any(|op| matches!(op, "move" | "copy"));
            for from in texts(operation, "from").filter(|_| moves).map(keys) {
                self.moved(&from, &path, all);
            }
        }
    }

    /// What the operations of `all` have put at `from`, as it reads at `to`.
    fn moved(&mut self, from: &[String], to: &[String], all: &[Node]) {
        for one in all {
            for (path, value) in texts(one, "path").flat_map(|path| values(one).map(move |value| (path, value))) {
                let added = keys(path);
                if let Some(below) = added.strip_prefix(from) {
                    self.visit_at(&[to, below].concat(), value);
                } else if let Some(below) = from.strip_prefix(added.as_slice())
                    && let Some(part) = below.iter().try_fold(value, |node, key| node.get(key))
                {
                    self.visit_at(to, part);
                }
            }
        }
    }

    fn visit_at(&mut self, path: &[String], value: &Node) {
        self.path = path.to_vec();
        self.visit(value);
        self.path.clear();
    }

    fn visit(&mut self, node: &Node) {
        let target = node.target();
        match &target.kind {
            Kind::Sequence(items) => items.iter().for_each(|item| self.visit(item)),
            Kind::Mapping(entries) => {
                for (key, value) in entries.iter() {
                    let key = key.as_str().unwrap_or_default();
                    if key == "<<" {
                        self.visit(value);
                        continue;
                    }
                    self.path.push(key.to_owned());
                    self.visit(value);
                    self.path.pop();
                }
            }
            Kind::Scalar(text, _) if !text.is_empty() && !target.is_null() => {
                if let Some(why) = self.secret(text) {
                    self.found.push(Problem::talos(Some(node.at), self.path.join("."), why));
                }
            }
            Kind::Scalar(..) | Kind::Alias(_) => {}
        }
    }

    /// Why a text at this place is secret.
    fn secret(&self, text: &str) -> Option<&'static str> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let (name, above) = path.split_last().map_or(("", &[][..]), |(name, above)| (*name, above));
        let parent = above.last().copied().unwrap_or_default();
        let of_the_cluster = matches!(
            path[..],
            ["cluster", "secret" | "token" | "aescbcEncryptionSecret" | "secretboxEncryptionSecret"]
                | ["machine", "token"]
        );
        if of_the_cluster {
            return Some(BUNDLE);
        }
        if name == "key" && PAIRS.contains(&parent) {
            return Some(if parent == "clientIdentity" { OTHER } else { BUNDLE });
        }
        let free = above.iter().any(|key| FREE.contains(key));
        if !free && (ANYWHERE.contains(&name) || name.ends_with("EncryptionSecret")) {
            return Some(OTHER);
        }
        if parent == "extraManifestHeaders" && is_secret_header(name) {
            return Some(OTHER);
        }
        if matches!(parent, "env" | "variables") && is_secret_variable(name)
            || name == "environment" && is_secret_setting(text)
        {
            return Some(OTHER);
        }
        if name == "contents" && parent == "inlineManifests" && holds_a_secret(text) {
            return Some(MANIFEST);
        }
        is_credential(text).then_some(OTHER)
    }
}

/// The texts of a key, which may come several times.
fn texts<'a>(operation: &'a Node, key: &'a str) -> impl Iterator<Item = &'a str> {
    let named = operation.entries().iter().filter(move |(name, _)| name.as_str() == Some(key));
    named.filter_map(|(_, value)| value.as_str())
}

fn values(operation: &Node) -> impl Iterator<Item = &Node> {
    operation.entries().iter().filter(|(name, _)| name.as_str() == Some("value")).map(|(_, value)| value)
}

/// The keys of a JSON pointer. A number, also one that counts from the end, and `-` are places in a list.
fn keys(pointer: &str) -> Vec<String> {
    let is_place = |part: &String| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.filter(|part| !is_place(part)).collect()
}
