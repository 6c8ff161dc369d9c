//! What a live Service says of itself.

use tazlab_clients::kubernetes::Untyped;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::resource::ImportId;

use super::{PROXY_CLASS, Shared, TAGS};

impl Shared {
    /// Takes over what the live Service says of itself.
    pub fn observe(&mut self, live: &Untyped) {
        self.uid = live.metadata.uid.clone().into();
        self.tags = named_tags(live).map(Set).into();
        let class = live.metadata.labels.as_ref().and_then(|labels| labels.get(PROXY_CLASS)).cloned();
        self.proxy_class = class.into();
    }
}

/// The tags in a Service's annotation.
fn named_tags(live: &Untyped) -> Option<Vec<String>> {
    annotation(live, TAGS).map(|tags| tags.split(',').map(|tag| tag.trim().to_owned()).collect())
}

/// An annotation of a Service.
#[must_use]
pub fn annotation<'a>(live: &'a Untyped, name: &str) -> Option<&'a str> {
    live.metadata.annotations.as_ref()?.get(name).map(String::as_str)
}

/// Namespace and name of a Service that is to be imported, such as `example`.
///
/// # Errors
/// When it is no `namespace/name`.
pub fn names(id: &ImportId, example: &str) -> Result<(String, String), Diagnostic> {
    let (namespace, name) = match id {
        ImportId::Id(text) => text.split_once('/').unwrap_or_default(),
        ImportId::Identity(identity) => {
            (identity.get("namespace").as_str().unwrap_or_default(), identity.get("name").as_str().unwrap_or_default())
        }
    };
    if namespace.is_empty() || name.is_empty() || name.contains('/') {
        let detail = format!("Import a Service by \"namespace/name\", for example {example}.");
        return Err(Diagnostic::error("Invalid import id", detail));
    }
    Ok((namespace.to_owned(), name.to_owned()))
}
