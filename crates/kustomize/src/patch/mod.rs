//! Patches of a build: which objects one meets, and what it does to them.

mod json;
mod merge;
mod selector;

use tazlab_yaml::{Kind, Mark, Node};

use super::kustomization::{Reference, reference};
use super::limits::{Budget, copied};
use super::object::{Object, namespace_or_default};
use super::problem::{Finding, Id};
use super::tree::Parsed;

pub(crate) use selector::Selector;

/// Where a patch is written.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Inline(String),
    File(Reference),
}

/// What a patch is meant for.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// What the patch itself names.
    Own,
    Selected(Box<Selector>),
}

impl Target {
    /// By patterns.
    pub(crate) fn read(node: &Node) -> Self {
        Self::Selected(Box::new(Selector::read(node, false)))
    }

    /// By the names as they stand.
    pub(crate) fn exact(node: &Node) -> Self {
        Self::Selected(Box::new(Selector::read(node, true)))
    }
}

/// One patch.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    pub(crate) source: Source,
    pub(crate) target: Target,
    /// The file and place that name it.
    pub(crate) file: String,
    pub(crate) at: Mark,
    renames: bool,
    changes_kind: bool,
    /// What follows from an empty selection is not the author's to know: a component, or what Flux adds to a build.
    pub(crate) is_general: bool,
}

/// What a patch did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It merged what its target selects.
    Selected,
    Other,
}

/// What a patch says.
enum Content {
    Merge(Vec<Node>),
    Json(Vec<Node>),
}

impl Patch {
    /// A member of `patchesStrategicMerge`: a file, or the patch itself.
    pub(crate) fn strategic(reference: Reference) -> Self {
        let inline = reference.path.contains([':', '\n', '{']);
        Self {
            file: reference.by.clone(),
            at: reference.at,
            source: if inline { Source::Inline(reference.path) } else { Source::File(reference) },
            target: Target::Own,
            renames: false,
            changes_kind: false,
            is_general: false,
        }
    }

    /// A member of `patches`.
    pub(crate) fn read(file: &str, item: &Node, field: &'static str, target: impl Fn(&Node) -> Target) -> Option<Self> {
        let source = match (item.get("path"), item.get("patch")) {
            (Some(path), _) if path.as_str().is_some_and(|path| !path.is_empty()) => {
                Source::File(reference(file, path, field)?)
            }
            (_, Some(patch)) => Source::Inline(patch.as_str()?.to_owned()),
            _ => return None,
        };
        let option = |key: &str| item.text_at(&["options", key]) == Some("true");
        Some(Self {
            source,
            target: item.get("target").filter(|one| !one.is_null()).map_or(Target::Own, target),
            file: file.to_owned(),
            at: item.at,
            renames: option("allowNameChange"),
            changes_kind: option("allowKindChange"),
            is_general: false,
        })
    }

    fn refuse(&self, why: impl Into<String>) -> Finding {
        Finding::new(Id::Patch, &self.file, self.at, why)
    }

    fn content(&self, parsed: &Parsed) -> Result<Content, Finding> {
        let documents = parsed.as_ref().map_err(|error| {
            let (file, at) = match &self.source {
                Source::File(reference) => (reference.path.as_str(), error.at),
                Source::Inline(_) => ("", self.at),
            };
            let place = if file.is_empty() { String::new() } else { format!(" {file} ({at})") };
            self.refuse(format!("the patch{place} is not YAML: {}", error.text))
        })?;
        let documents: Vec<Node> = documents.iter().filter(|one| !one.is_null()).cloned().collect();
        match documents.first().map(|one| &one.target().kind) {
            Some(Kind::Sequence(items)) => Ok(Content::Json(items.to_vec())),
            Some(Kind::Mapping(_)) => Ok(Content::Merge(documents)),
            None => Err(self.refuse("the patch is empty")),
            Some(_) => Err(self.refuse("this is neither a strategic merge patch nor a JSON 6902 patch")),
        }
    }

    /// Applies the patch. `is_open` says that there may be objects which nobody knows.
    pub(crate) fn apply(
        &self,
        parsed: &Parsed,
        objects: &mut Vec<Object>,
        is_open: bool,
        budget: &Budget,
    ) -> Result<Applied, Finding> {
        match self.content(parsed)? {
            Content::Json(operations) => {
                self.apply_json(&operations, objects, is_open, budget).map(|()| Applied::Other)
            }
            Content::Merge(patches) => {
                self.apply_merge(&patches, objects, is_open, budget)?;
                Ok(if matches!(self.target, Target::Own) { Applied::Other } else { Applied::Selected })
            }
        }
    }

    fn apply_json(
        &self,
        operations: &[Node],
        objects: &mut [Object],
        is_open: bool,
        budget: &Budget,
    ) -> Result<(), Finding> {
        let Target::Selected(selector) = &self.target else {
            return Err(self.refuse("a JSON 6902 patch needs a target"));
        };
        let mut met = 0;
        for object in objects.iter_mut().filter(|object| selector.selects(object)) {
            met += 1;
            if !budget.makes(copied(&object.node)) {
                return Ok(());
            }
            object.remember();
            object.write();
            json::apply(operations, &mut object.node, budget).map_err(|why| {
                self.refuse(format!("the patch does not apply to {} ({}): {why}", object.shown(), object.file))
            })?;
            object.read_back();
        }
        self.expect(met, selector, is_open)
    }

    /// A patch for one that is named and does not exist does nothing, and nobody says so.
    fn expect(&self, met: usize, selector: &Selector, is_open: bool) -> Result<(), Finding> {
        match selector.named() {
            Some(name) if met == 0 && !is_open && !self.is_general => Err(self.refuse(format!(
                "the patch changes nothing: this build makes no {name}; correct the target, or remove the patch"
            ))),
            _ => Ok(()),
        }
    }

    fn apply_merge(
        &self,
        patches: &[Node],
        objects: &mut Vec<Object>,
        is_open: bool,
        budget: &Budget,
    ) -> Result<(), Finding> {
        let may = |patch: &Node, object: &Object| budget.makes(copied(&object.node)) && budget.takes(patch);
        if let Target::Selected(selector) = &self.target {
            let [patch] = patches else {
                return Err(self.refuse("a patch with a target must be one document"));
            };
            let mut met = 0;
            for object in objects.iter_mut().filter(|object| selector.selects(object)) {
                met += 1;
                if !may(patch, object) {
                    return Ok(());
                }
                self.merge(patch, object);
            }
            objects.retain(|object| !object.kind.is_empty());
            return self.expect(met, selector, is_open);
        }
        for patch in patches {
            let text = |keys: &[&str]| patch.text_at(keys).unwrap_or_default();
            let (version, kind, name) = (text(&["apiVersion"]), text(&["kind"]), text(&["metadata", "name"]));
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            if kind.is_empty() || name.is_empty() {
                return Err(
                    self.refuse("a strategic merge patch without a target needs apiVersion, kind and metadata.name")
                );
            }
            let namespace = namespace_or_default(text(&["metadata", "namespace"]));
            let is_meant = |object: &Object| {
                let now = object.identity();
                let mut all = object.earlier.iter().chain([&now]);
                object.group == group
                    && object.version == version
                    && all.any(|one| {
                        one.kind == kind
                            && one.name == name
                            && (one.namespace == namespace || one.namespace.is_empty() || object.is_cluster_wide())
                    })
            };
            let mut meant = objects.iter_mut().filter(|object| is_meant(object));
            match (meant.next(), meant.next()) {
                (Some(object), None) if !may(patch, object) => return Ok(()),
                (Some(object), None) => self.merge(patch, object),
                (Some(_), Some(_)) => return Err(self.refuse(format!("the patch fits more than one {kind} {name}"))),
                (None, _) if is_open => {}
                (None, _) => {
                    return Err(self.refuse(format!("the patch is for {kind} {name}, which this build does not make")));
                }
            }
            objects.retain(|object| !object.kind.is_empty());
        }
        Ok(())
    }

    /// A deleted object is left without a kind.
    fn merge(&self, patch: &Node, object: &mut Object) {
        if self.renames || self.changes_kind {
            object.remember();
        }
        object.write();
        let (name, namespace, kind) = (object.name.clone(), object.namespace.clone(), object.kind.clone());
        let (group, version) = (object.group.clone(), object.version.clone());
        if !merge::apply(patch, &mut object.node, &object.group) {
            object.kind.clear();
            return;
        }
        object.read_back();
        (object.group, object.version) = (group, version);
        if !self.changes_kind {
            object.kind = kind;
        }
        if !self.renames || object.name.is_empty() {
            object.name = name;
        }
        object.namespace = namespace;
    }
}
