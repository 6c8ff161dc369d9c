//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics, sentence};
use thiserror::Error;

use super::dry_run::is_of_fields;
use super::model::BootstrapManifest;
use crate::cluster::object::ObjectError;
use crate::cluster::{AsFailure, Failure, Missing};
use crate::manifest::Refusal;
use crate::manifest::yaml::YamlError;

/// What is wrong with a manifest, whatever the cluster says.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(super) enum ManifestProblem {
    /// It is not YAML.
    #[error("{}.", .0.to_string().trim_end_matches('.'))]
    Yaml(#[from] YamlError),
    /// It is YAML without a document.
    #[error("The text has no document.")]
    NoDocument,
    /// It is YAML with several.
    #[error(
        "The text has {0} documents. Write one resource for each: for_each = provider::tazlab::manifests(file(\"objects.yaml\")), with manifest = each.value."
    )]
    Documents(usize),
    /// It is nothing that can be applied.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

impl ManifestProblem {
    pub(super) fn diagnostic(&self, at: AttributePath) -> Diagnostic {
        let summary = match self {
            Self::Yaml(_) => "The text is not valid YAML",
            Self::NoDocument | Self::Documents(_) => "The text is not one document",
            Self::Refused(_) => "The manifest cannot be applied",
        };
        Diagnostic::error(summary, self.to_string()).at(at)
    }
}

/// A failed operation on the object of a manifest.
#[derive(Debug, Error)]
pub(super) enum ManifestError {
    /// Looking at it, or writing it.
    #[error("{0}")]
    Object(#[from] ObjectError),
    /// The manifest is wrong after all.
    #[error("{0}")]
    Problem(#[from] ManifestProblem),
    /// The kind was not served in time.
    #[error("{seen}")]
    NoKind { seen: String, failure: Failure },
    /// The kind will never be served.
    #[error("{0}")]
    NeverServed(String),
    /// The namespace did not come in time, or did not go.
    #[error("{seen}")]
    NoNamespace { namespace: String, seen: String, goes: bool, failure: Failure },
    /// The kind has no namespaces, or needs one.
    #[error("{0}")]
    Scope(Scope),
    /// The manifest names another object than the one that is managed.
    #[error("the manifest is {wanted} now, and was {before}")]
    Other { before: String, wanted: String },
    /// The kind does not have its fields.
    #[error("{0}")]
    Fields(String),
    /// Something is still unknown.
    #[error("the manifest is not known")]
    Unknown,
    /// It did not become what is waited for.
    #[error("{seen}")]
    NotReady { seen: String, failure: Failure },
    /// It will not become what is waited for.
    #[error("{0}")]
    Failed(String),
}

/// A namespace where there can be none, or none where there must be one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(super) enum Scope {
    #[error("Objects of kind {0} are in a namespace. Set metadata.namespace")]
    Missing(String),
    #[error("Objects of kind {0} are in no namespace. Remove metadata.namespace")]
    Surplus(String),
}

impl Scope {
    pub(super) fn diagnostic(&self, at: AttributePath) -> Diagnostic {
        Diagnostic::error("The manifest has the wrong scope", format!("{self}.")).at(at)
    }
}

impl From<Failure> for ManifestError {
    fn from(failure: Failure) -> Self {
        Self::Object(failure.into())
    }
}

impl From<Missing> for ManifestError {
    fn from(Missing { seen, failure }: Missing) -> Self {
        Self::NoKind { seen, failure }
    }
}

impl AsFailure for ManifestError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Object(error) => error.as_failure(),
            Self::NoKind { failure, .. } | Self::NoNamespace { failure, .. } | Self::NotReady { failure, .. } => {
                Some(failure)
            }
            Self::Problem(_)
            | Self::NeverServed(_)
            | Self::Scope(_)
            | Self::Other { .. }
            | Self::Fields(_)
            | Self::Unknown
            | Self::Failed(_) => None,
        }
    }
}

impl ManifestError {
    /// What Terraform shows.
    pub(super) fn diagnostics(&self, model: &BootstrapManifest) -> Diagnostics {
        let at = model.argument();
        match self {
            // Everything comes from one argument.
            Self::Object(error) => error
                .diagnostics(|_| at.clone())
                .into_iter()
                .map(|told| if told.attribute == AttributePath::root() { told } else { told.at(at.clone()) })
                .collect(),
            Self::Problem(problem) => problem.diagnostic(at).into(),
            Self::NoKind { seen, failure: Failure::Interrupted { why, .. } } => {
                let detail = format!(
                    "The wait {why}: {seen}. What brings the kind must be part of the same apply, or have run before. Name it in depends_on."
                );
                Diagnostic::error("The cluster does not have this kind", detail).at(at).into()
            }
            Self::NoKind { failure, .. } => failure.diagnostic("Cannot wait for the kind", at).into(),
            Self::NeverServed(why) => {
                Diagnostic::error("The API server does not have this kind", format!("{}.", sentence(why))).at(at).into()
            }
            Self::NoNamespace { namespace, seen, goes, failure: Failure::Interrupted { why, .. } } => {
                let (summary, what) = if *goes {
                    let what = "Something in it keeps it: remove what the message names, or its finalizers.";
                    ("The namespace is being deleted", what)
                } else {
                    let what =
                        "What creates it must be part of the same apply, or have run before. Name it in depends_on.";
                    ("The namespace does not exist", what)
                };
                let detail = format!("The wait for namespace {namespace} {why}: {seen}. {what}");
                Diagnostic::error(summary, detail).at(at).into()
            }
            Self::NoNamespace { failure, .. } => failure.diagnostic("Cannot wait for the namespace", at).into(),
            Self::Scope(scope) => scope.diagnostic(at).into(),
            Self::Other { before, wanted } => {
                let detail = format!(
                    "The manifest names {wanted}, and this resource manages {before}. The name was not known when the change was planned, so no replacement was planned, and nothing was written. Plan and apply again: the plan now replaces the object."
                );
                Diagnostic::error("The manifest is another object", detail).at(at).into()
            }
            Self::Fields(why) => {
                Diagnostic::error("The API server refuses the manifest", format!("{why}.")).at(at).into()
            }
            Self::Unknown => {
                let detail = "A part of the manifest is still unknown during apply. Please report this.";
                Diagnostic::error("The manifest is not known", detail).at(at).into()
            }
            Self::NotReady { seen, failure: Failure::Interrupted { why, .. } } => {
                Diagnostic::error("The object is not as wait_for expects", format!("{seen}.\n\nThe wait {why}."))
                    .at(AttributePath::new("wait_for"))
                    .into()
            }
            Self::NotReady { failure, .. } => {
                failure.diagnostic("Cannot wait for the object", AttributePath::new("wait_for")).into()
            }
            Self::Failed(seen) => Diagnostic::error("The object has failed", format!("{seen}."))
                .at(AttributePath::new("failed_when"))
                .into(),
        }
    }

    /// The same error, which is final where the API server says so with a code that others say in passing.
    pub(super) fn settled(self) -> Self {
        let of_fields = match &self {
            Self::Object(ObjectError::Write { failure, .. }) => {
                matches!(failure.cause(), Some(Cause::Api { message, .. }) if is_of_fields(message))
            }
            _ => false,
        };
        if of_fields { Self::Fields(self.to_string()) } else { self }
    }

    /// Is it that the namespace, or the kind, is not there (yet)?
    pub(super) fn is_absence(&self) -> bool {
        let Self::Object(ObjectError::Write { failure, .. }) = self else { return false };
        matches!(failure.cause(), Some(Cause::NotFound | Cause::NamespaceTerminating { .. }))
    }
}
