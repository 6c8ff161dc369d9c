//! What a `FluxInstance` follows: a source, and a folder of it.

use tazlab_yaml::Node;

use super::source::{FILLED, Name, inside};
use crate::object::{Object, namespace_or_default};
use crate::tree::{Tree, is_yaml};

/// What a `FluxInstance` follows.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    pub(super) name: Name,
    pub(super) url: String,
    pub(super) reference: String,
    pub(super) path: String,
}

impl Sync {
    pub(super) fn of(object: &Object) -> Option<Self> {
        // The instance itself, or the chart that makes one.
        let keys: &[&str] = match (object.kind.as_str(), object.group.as_str()) {
            ("FluxInstance", "fluxcd.controlplane.io") => &["sync"],
            ("HelmRelease", "helm.toolkit.fluxcd.io") => &["values", "instance", "sync"],
            _ => return None,
        };
        Some(Self::read(object.spec(keys)?, namespace_or_default(&object.namespace)))
    }

    fn read(sync: &Node, namespace: &str) -> Self {
        let text = |key: &str| sync.text_at(&[key]).unwrap_or_default().to_owned();
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        let name = or(text("name"), namespace);
        Self {
            name: [or(text("kind"), "GitRepository"), namespace.to_owned(), name],
            url: text("url"),
            reference: text("ref").rsplit('/').next().unwrap_or_default().to_owned(),
            path: text("path"),
        }
    }

    /// Those in files of values for the chart that makes an instance.
    pub(super) fn in_values(tree: &Tree) -> impl Iterator<Item = Self> {
        let files = tree.files().filter(|(path, file)| {
            is_yaml(path) && file.text().is_ok_and(|text| text.contains("instance:") && text.contains("sync:"))
        });
        let documents = files.filter_map(|(_, file)| file.parsed().as_ref().ok()).flat_map(|all| all.iter());
        documents.filter_map(|values| Some(Self::read(values.get("instance")?.get("sync")?, "flux-system")))
    }

    /// The syncs that lead to an entry.
    pub(super) fn leading_to(entry: &str, syncs: impl Iterator<Item = Self>) -> Vec<Self> {
        syncs.filter(|sync| sync.root(entry).is_some()).collect()
    }

    /// The folder of the repository that the source holds, where the sync leads to the entry.
    pub(super) fn root(&self, entry: &str) -> Option<String> {
        let path = inside(&self.path);
        if path == entry || self.path.is_empty() {
            return Some(String::new());
        }
        let is_filled = self.name.first().is_some_and(|kind| FILLED.contains(&kind.as_str()));
        let root = entry.strip_suffix(&path)?.strip_suffix('/')?;
        (is_filled && !path.is_empty()).then(|| root.to_owned())
    }
}
