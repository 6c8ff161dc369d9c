//! One Kustomization of Flux: what it says, and what it applied.

use tazlab_yaml::{Mark, Node};

use crate::build::Additions;
use crate::kustomization::reference;
use crate::object::{Object, namespace_or_default};
use crate::patch::{Patch, Target};

/// A Kustomization, or an entry that nobody's Kustomization applies.
#[allow(clippy::struct_excessive_bools, reason = "fields of Flux, and what is known of the build: they vary freely")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied {
    /// `namespace/name`; the folder for an entry that no Kustomization applies.
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// The file that it stands in; none for an entry.
    pub(crate) file: String,
    pub(crate) at: Mark,
    pub(crate) depends_on: Vec<(String, Mark)>,
    /// It is applied to another cluster: its objects meet none of the others.
    pub(crate) elsewhere: bool,
    pub(crate) is_suspended: bool,
    pub(crate) additions: Additions,
    pub(crate) post_build: PostBuild,
    /// What it applies.
    pub(crate) objects: Vec<Object>,
    /// There may be more that nobody knows.
    pub(crate) is_open: bool,
    /// Names in other objects follow those that change.
    pub(crate) follows_names: bool,
}

/// Where variables come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct PostBuild {
    pub(crate) inline: Vec<(String, String)>,
    pub(crate) from: Vec<From>,
    /// Also without a variable.
    pub(crate) is_always: bool,
    /// Nobody knows: an entry that is applied by what is not in the repository.
    pub(crate) is_unknown: bool,
}

/// One entry of `substituteFrom`.
#[derive(Clone, Debug)]
pub(crate) struct From {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) is_optional: bool,
    pub(crate) at: Mark,
}

impl Applied {
    pub(crate) fn of(object: &Object) -> Self {
        let namespace = namespace_or_default(&object.namespace).to_owned();
        let list = |key: &str| object.spec(&[key]).map_or(&[][..], Node::items);
        let depends_on = list("dependsOn").iter().filter_map(|other| {
            let name = other.text_at(&["name"])?;
            let of = other.text_at(&["namespace"]).filter(|of| !of.is_empty()).unwrap_or(&namespace);
            Some((format!("{of}/{name}"), other.at))
        });
        let text = |key: &str| object.spec_text(&[key]).map(str::to_owned);
        let patches = list("patches").iter().filter_map(|item| {
            let mut patch = Patch::read(&object.file, item, "patches", Target::read)?;
            patch.is_general = true;
            Some(patch)
        });
        Self {
            name: format!("{namespace}/{}", object.name),
            file: object.file.to_string(),
            at: object.at,
            depends_on: depends_on.collect(),
            elsewhere: object.spec(&["kubeConfig"]).is_some(),
            is_suspended: object.spec_text(&["suspend"]) == Some("true"),
            additions: Additions {
                namespace: text("targetNamespace"),
                prefix: text("namePrefix"),
                suffix: text("nameSuffix"),
                patches: patches.collect(),
                components: list("components")
                    .iter()
                    .filter_map(|path| reference(&object.file, path, "components"))
                    .collect(),
                ignores_missing_components: object.spec_text(&["ignoreMissingComponents"]) == Some("true"),
            },
            post_build: PostBuild::of(object),
            namespace,
            ..Self::default()
        }
    }
}

impl PostBuild {
    fn of(object: &Object) -> Self {
        let Some(node) = object.spec(&["postBuild"]) else { return Self::default() };
        let pair = |(key, value): &(Node, Node)| Some((key.as_str()?.to_owned(), value.as_str()?.replace('\n', "")));
        let from = |one: &Node| {
            Some(From {
                kind: one.text_at(&["kind"])?.to_owned(),
                name: one.text_at(&["name"])?.to_owned(),
                is_optional: one.text_at(&["optional"]) == Some("true"),
                at: one.at,
            })
        };
        Self {
            inline: node.get("substitute").map_or(&[][..], Node::entries).iter().filter_map(pair).collect(),
            from: node.get("substituteFrom").map_or(&[][..], Node::items).iter().filter_map(from).collect(),
            is_always: node.text_at(&["substituteStrategy"]) == Some("Always"),
            is_unknown: false,
        }
    }
}
