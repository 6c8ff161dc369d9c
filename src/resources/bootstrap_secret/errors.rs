//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use thiserror::Error;

use super::model::BootstrapSecret;
use super::origin;
use super::problem::Problem;
use super::sources::LARGEST;
use crate::cluster::{AsFailure, Failure};

/// A source that is needed and gives nothing.
#[derive(Debug, Error)]
#[error("key \"{key}\" ({argument}): {problem}")]
pub(super) struct BrokenSource {
    pub(super) key: String,
    pub(super) argument: &'static str,
    pub(super) problem: Problem,
}

/// A failed operation on a bootstrap secret.
#[derive(Debug, Error)]
pub(super) enum BootstrapSecretError {
    /// Sources are missing or cannot be used.
    #[error("{} sources cannot be used", .0.len())]
    Sources(Vec<BrokenSource>),
    /// All contents together are too large.
    #[error("the contents have {0} bytes")]
    TooLarge(usize),
    /// The namespace does not exist and is not to be made.
    #[error("namespace {0} does not exist")]
    NoNamespace(String),
    /// Listing Secrets.
    #[error("cannot list Secrets: {failure}")]
    List { failure: Failure },
    /// Looking at the live Secret.
    #[error("cannot read Secret {id}: {failure}")]
    Look { id: String, failure: Failure },
    /// Making sure of the namespace.
    #[error("cannot create namespace {namespace}: {failure}")]
    Namespace { namespace: String, failure: Failure },
    /// Writing the Secret.
    #[error("cannot write Secret {id}: {failure}")]
    Write { id: String, failure: Failure },
    /// Deleting the Secret.
    #[error("cannot delete Secret {id}: {failure}")]
    Delete { id: String, failure: Failure },
    /// Removing the namespace that was made for it.
    #[error("cannot delete namespace {namespace}: {failure}")]
    Release { namespace: String, failure: Failure },
    /// More keys would change than the approved plan announced.
    #[error("keys {} were not announced", keys.join(", "))]
    Unannounced { id: String, keys: Vec<String> },
    /// Waiting for the API server.
    #[error("the cluster is not ready: {0}")]
    Ready(Failure),
    /// The reading of sources was ended by the runtime.
    #[error("the sources could not be read")]
    Reading,
}

impl From<Failure> for BootstrapSecretError {
    fn from(failure: Failure) -> Self {
        Self::Ready(failure)
    }
}

impl AsFailure for BootstrapSecretError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::List { failure }
            | Self::Look { failure, .. }
            | Self::Namespace { failure, .. }
            | Self::Write { failure, .. }
            | Self::Delete { failure, .. }
            | Self::Release { failure, .. }
            | Self::Ready(failure) => Some(failure),
            Self::Sources(_) | Self::TooLarge(_) | Self::NoNamespace(_) | Self::Unannounced { .. } | Self::Reading => {
                None
            }
        }
    }
}

impl BootstrapSecretError {
    /// What Terraform shows, pointing at the arguments of `model`.
    pub(super) fn diagnostics(&self, model: &BootstrapSecret) -> Diagnostics {
        let name = || AttributePath::new("name");
        match self {
            Self::Sources(broken) => broken
                .iter()
                .map(|source| {
                    let why = if model.is_strict() {
                        "With on_missing_source = \"error\" every plan needs every source, also the one before a destroy"
                    } else {
                        "The key must be written, so its source is needed"
                    };
                    let detail = format!("{}. {why}.{}", capital(&source.problem), source.problem.quotation());
                    Diagnostic::error(format!("No content for key \"{}\"", source.key), detail)
                        .at(AttributePath::new(source.argument).key(source.key.clone()))
                })
                .collect(),
            Self::TooLarge(size) => {
                let detail = format!("All contents together have {size} bytes; the limit of a Secret is {LARGEST}.");
                Diagnostic::error("The Secret is too large", detail).at(name()).into()
            }
            Self::NoNamespace(namespace) => {
                let detail = format!(
                    "Namespace {namespace} does not exist. Set create_namespace = true, or make this resource depend on what creates the namespace."
                );
                Diagnostic::error("The namespace does not exist", detail).at(AttributePath::new("namespace")).into()
            }
            Self::List { failure } => {
                let at = match failure.cause() {
                    Some(Cause::Api { code: 400, .. }) => AttributePath::new("label_selector"),
                    _ => AttributePath::root(),
                };
                failure.diagnostic("Cannot list Secrets", at).into()
            }
            Self::Look { id, failure } => failure.diagnostic(format!("Cannot read Secret {id}"), name()).into(),
            Self::Namespace { namespace, failure } => {
                failure.diagnostic(format!("Cannot create namespace {namespace}"), AttributePath::new("namespace")).into()
            }
            Self::Write { id, failure } => written(id, failure, model),
            Self::Delete { id, failure } => failure.diagnostic(format!("Cannot delete Secret {id}"), name()).into(),
            Self::Release { namespace, failure } => failure
                .diagnostic(format!("Cannot delete namespace {namespace}"), AttributePath::new("create_namespace"))
                .into(),
            Self::Unannounced { id, keys } => {
                let keys = keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ");
                let detail = format!(
                    "Secret {id}: keys {keys} differ from their sources too by now, and the plan that was approved did not announce them. Nothing was written. Plan again."
                );
                Diagnostic::error("More keys would change than the plan announced", detail).at(name()).into()
            }
            Self::Ready(failure) => failure.diagnostic("The cluster is not ready", AttributePath::root()).into(),
            Self::Reading => {
                Diagnostic::error("The sources could not be read", "The runtime cancelled the read. Please report this.").into()
            }
        }
    }
}

/// A write may fail in single fields: each points at its own argument.
fn written(id: &str, failure: &Failure, model: &BootstrapSecret) -> Diagnostics {
    let fields: Vec<(String, String)> = match failure.cause() {
        Some(Cause::FieldConflict { fields }) => fields
            .iter()
            .map(|conflict| {
                let detail = format!(
                    "Secret {id}: {conflict}. Remove the argument, set force_conflicts = true to take ownership of the field, or name that manager in hand_over_to if it should own the Secret."
                );
                (conflict.field.clone(), detail)
            })
            .collect(),
        Some(Cause::Invalid { fields, .. }) => {
            fields.iter().map(|invalid| (invalid.field.clone(), format!("Secret {id}: {invalid}."))).collect()
        }
        _ => Vec::new(),
    };
    if fields.is_empty() {
        return failure.diagnostic(format!("Cannot write Secret {id}"), AttributePath::new("name")).into();
    }
    let summary = match failure.cause() {
        Some(Cause::FieldConflict { .. }) => "Another field manager owns this",
        _ => "The API server refuses the Secret",
    };
    fields.into_iter().map(|(field, detail)| Diagnostic::error(summary, detail).at(attribute(&field, model))).collect()
}

/// The argument that a field of the Secret comes from.
fn attribute(field: &str, model: &BootstrapSecret) -> AttributePath {
    let field = field.trim_start_matches('.');
    let keyed = |prefix: &str| field.strip_prefix(prefix).map(|key| key.trim_matches(['.', '[', ']', '"']).to_owned());
    if let Some(key) = keyed("data") {
        return match origin::stored_argument(model, &key) {
            Some(argument) => AttributePath::new(argument).key(key),
            None => AttributePath::new("values_wo"),
        };
    }
    if let Some(key) = keyed("metadata.labels") {
        return AttributePath::new("labels").key(key);
    }
    if let Some(key) = keyed("metadata.annotations") {
        return AttributePath::new("annotations").key(key);
    }
    match field {
        "type" => AttributePath::new("type"),
        "immutable" => AttributePath::new("immutable"),
        _ => AttributePath::new("name"),
    }
}

pub(super) fn capital(text: &impl ToString) -> String {
    let text = text.to_string();
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
