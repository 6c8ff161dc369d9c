//! What a kustomization names: files, folders, and what lies elsewhere.

use std::rc::Rc;

use super::{Absent, Builder, Layer};
use crate::kustomization::{self, Kustomization, Reference};
use crate::problem::{Finding, Id};
use crate::tree::join;

impl Builder<'_> {
    fn refuse(&mut self, id: Id, reference: &Reference, text: impl Into<String>) {
        self.problems.push(Finding::new(id, &reference.by, reference.at, text));
    }

    fn missing(&mut self, reference: &Reference, path: &str) {
        let why = if self.tree.is_irregular(path) {
            ": a link, a pipe or a device lies there, and an artifact of Flux holds none"
        } else {
            ""
        };
        let text = format!("{}: {path} does not exist{why}", reference.field);
        let finding = Finding::new(Id::MissingFile, &reference.by, reference.at, text);
        let is_plain = !matches!(reference.field, "resources" | "components");
        self.absent.push(Absent { finding, path: self.tree.placed(path), is_plain });
    }

    fn note_remote(&mut self, reference: &Reference) {
        let text = format!("{} lies elsewhere and was not read", reference.path);
        self.notes.push(Finding::new(Id::MissingFile, &reference.by, reference.at, text));
    }

    /// Adds what one entry of `resources` names.
    pub(super) fn resource(&mut self, folder: &str, resource: &Reference, above: &mut Vec<String>, layer: &mut Layer) {
        let path = join(folder, &resource.path);
        let file = path.as_ref().filter(|_| !resource.path.ends_with('/')).and_then(|path| self.tree.file(path));
        if let (Some(file), Some(path)) = (file, &path) {
            if self.is_ignored(path) {
                layer.is_open = true;
                return;
            }
            let found = Rc::clone(&self.objects(file));
            self.add_file(layer, &found);
            return;
        }
        match self.folder_of(folder, resource, above) {
            Some(below) => {
                let found = self.layer(&below, above);
                self.merge(layer, &found);
            }
            None => layer.is_open = true,
        }
    }

    /// The folder that a reference leads to, unless it leads back or nowhere.
    pub(super) fn folder_of(&mut self, folder: &str, reference: &Reference, above: &[String]) -> Option<String> {
        let field = reference.field;
        if is_remote(&reference.path) {
            self.note_remote(reference);
            return None;
        }
        let Some(path) = join(folder, &reference.path) else {
            self.refuse(Id::MissingFile, reference, format!("{field}: {} leads out of the repository", reference.path));
            return None;
        };
        if self.is_ignored(&path) {
            return None;
        }
        if !self.tree.is_folder(&path) || reference.path.is_empty() {
            self.missing(reference, &path);
            return None;
        }
        let inside = |root: &String| path.is_empty() || *root == path || root.starts_with(&format!("{path}/"));
        if let Some(root) = above.iter().find(|root| inside(root)) {
            let shown = if path.is_empty() { "the repository's root" } else { &path };
            self.refuse(Id::Cycle, reference, format!("{field}: a cycle: {shown} contains {root}, which led here"));
            return None;
        }
        match kustomization::file_of(self.tree, &path) {
            Ok(None) => {
                self.refuse(Id::MissingFile, reference, format!("{field}: {path} has no kustomization file"));
                return None;
            }
            Ok(Some(file)) if self.is_component(&file) != (field == "components") => {
                let text = if field == "components" {
                    format!("components: {path} is not a Component; name it under resources")
                } else {
                    format!("{field}: {path} is a Component; name it under components")
                };
                self.refuse(Id::InvalidKustomization, reference, text);
                return None;
            }
            _ => {}
        }
        Some(path)
    }

    fn is_component(&self, path: &str) -> bool {
        let documents = self.tree.file(path).and_then(|file| file.parsed().as_ref().ok());
        documents.is_some_and(|all| all.iter().any(|node| node.text_at(&["kind"]) == Some("Component")))
    }

    /// A file that must be there, and its text where it has one.
    pub(super) fn text_of(&mut self, folder: &str, reference: &Reference) -> Option<String> {
        if is_remote(&reference.path) {
            return None;
        }
        let Some(path) = join(folder, &reference.path) else {
            let text = format!("{}: {} leads out of the repository", reference.field, reference.path);
            self.refuse(Id::MissingFile, reference, text);
            return None;
        };
        if self.is_ignored(&path) {
            return None;
        }
        if let Some(file) = self.tree.file(&path) {
            self.reach(file);
            file.text().ok().map(str::to_owned)
        } else {
            self.missing(reference, &path);
            None
        }
    }

    /// Files that are configuration of kustomize itself.
    pub(super) fn plain_files(&mut self, folder: &str, said: &Kustomization) {
        for file in &said.files {
            self.text_of(folder, file);
        }
    }
}

/// Does kustomize fetch it (`github.com/fluxcd/pkg/kustomize` v1.35.7, `IsLocalRelativePath`)?
pub(crate) fn is_remote(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let begins = ["git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/"];
    begins.iter().any(|begin| lower.starts_with(begin)) || path.contains("://") || path.contains("?ref=")
}
