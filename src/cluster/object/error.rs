//! What can go wrong with the one object of a resource, and how Terraform is told.

use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use thiserror::Error;

use super::super::{AsFailure, Failure};

/// A failed operation on an object.
#[derive(Clone, Debug, Error)]
pub enum ObjectError {
    /// Looking at it.
    #[error("cannot read {title}: {failure}")]
    Look {
        /// Kind and name.
        title: String,
        /// Why.
        failure: Failure,
    },
    /// Writing it.
    #[error("cannot write {title}: {failure}")]
    Write {
        /// Kind and name.
        title: String,
        /// Its namespace, where it has one.
        namespace: Option<String>,
        /// Why.
        failure: Failure,
    },
    /// Deleting it.
    #[error("cannot delete {title}: {failure}")]
    Delete {
        /// Kind and name.
        title: String,
        /// Why.
        failure: Failure,
    },
    /// Waiting for the API server.
    #[error("the cluster is not ready: {0}")]
    Ready(Failure),
}

impl From<Failure> for ObjectError {
    fn from(failure: Failure) -> Self {
        Self::Ready(failure)
    }
}

impl AsFailure for ObjectError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Look { failure, .. }
            | Self::Write { failure, .. }
            | Self::Delete { failure, .. }
            | Self::Ready(failure) => Some(failure),
        }
    }
}

impl ObjectError {
    /// What Terraform shows. `argument` is the one that a field of the object (`spec.ports`) comes from.
    pub fn diagnostics(&self, argument: impl Fn(&str) -> AttributePath) -> Diagnostics {
        let name = || AttributePath::new("name");
        match self {
            Self::Look { title, failure } => failure.diagnostic(format!("Cannot read {title}"), name()).into(),
            Self::Write { title, namespace, failure } => written(title, namespace.as_deref(), failure, argument),
            Self::Delete { title, failure } => failure.diagnostic(format!("Cannot delete {title}"), name()).into(),
            Self::Ready(failure) => failure.diagnostic("The cluster is not ready", AttributePath::root()).into(),
        }
    }
}

/// A write may fail in single fields: each points at its own argument.
fn written(
    title: &str,
    namespace: Option<&str>,
    failure: &Failure,
    argument: impl Fn(&str) -> AttributePath,
) -> Diagnostics {
    let (summary, fields): (&str, Vec<(&str, String)>) = match failure.cause() {
        Some(Cause::FieldConflict { fields }) => {
            let told = fields.iter().map(|conflict| {
                let detail = format!("{title}: {conflict}. Set force_conflicts = true to take ownership of the field.");
                (conflict.field.as_str(), detail)
            });
            ("Another field manager owns this", told.collect())
        }
        Some(Cause::Invalid { fields, .. }) if !fields.is_empty() => {
            let told = fields.iter().map(|invalid| (invalid.field.as_str(), format!("{title}: {invalid}.")));
            ("The API server refuses the object", told.collect())
        }
        Some(Cause::NotFound) => {
            let Some(namespace) = namespace else {
                let detail = format!("{title}: the API server does not serve this kind.");
                return Diagnostic::error("The kind does not exist", detail).at(AttributePath::new("name")).into();
            };
            let detail = format!("Namespace {namespace} does not exist: make this resource depend on what creates it.");
            let at = AttributePath::new("namespace");
            return Diagnostic::error("The namespace does not exist", detail).at(at).into();
        }
        _ => return failure.diagnostic(format!("Cannot write {title}"), AttributePath::new("name")).into(),
    };
    let at = |field: &str| argument(field.trim_start_matches('.'));
    fields.into_iter().map(|(field, detail)| Diagnostic::error(summary, detail).at(at(field))).collect()
}
