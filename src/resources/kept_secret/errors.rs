//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics, sentence};
use thiserror::Error;

use super::copy::CopyError;
use crate::cluster::{AsFailure, Failure};
use crate::vault;

/// A failed operation on a kept Secret.
#[derive(Debug, Error)]
pub(super) enum KeptSecretError {
    /// Arguments are not known, which apply never sees.
    #[error("the arguments are not known yet")]
    Unknown,
    /// Reading the live Secret.
    #[error("cannot read {title}: {failure}")]
    Look { title: String, failure: Failure },
    /// Making sure of the namespace.
    #[error("cannot create namespace {namespace}: {failure}")]
    Namespace { namespace: String, failure: Failure },
    /// The namespace does not exist and is not to be made.
    #[error("namespace {0} does not exist")]
    NoNamespace(String),
    /// Restoring the Secret.
    #[error("cannot restore Secret {id}: {failure}")]
    Restore { id: String, failure: Failure },
    /// Reading the copy.
    #[error("cannot read the copy {copy}: {failure}")]
    ReadCopy { copy: String, failure: vault::Failure },
    /// Writing the copy.
    #[error("cannot write the copy {copy}: {failure}")]
    WriteCopy { copy: String, failure: vault::Failure },
    /// Deleting the copy.
    #[error("cannot delete the copy {copy}: {failure}")]
    DeleteCopy { copy: String, failure: vault::Failure },
    /// Waiting for another block of this configuration.
    #[error("cannot write the copy {copy}: {failure}")]
    Busy { copy: String, failure: vault::Failure },
    /// What is at the path is not a copy of it.
    #[error("{copy}: {problem}")]
    Copy { copy: String, problem: CopyError },
    /// Something else is mounted there.
    #[error("{mount} is {what}")]
    NotKv2 { mount: String, what: String },
    /// Somebody else writes the copy all the time.
    #[error("the copy {0} changes all the time")]
    Overtaken(String),
    /// Both exist, differ, and nothing says which is right.
    #[error("Secret {id} differs from its copy {copy}")]
    Undecided { id: String, copy: String },
    /// The copy is of a Secret of another type.
    #[error("Secret {id} has another type than its copy {copy}")]
    OtherType { id: String, copy: String },
    /// A Secret that gives access to one cluster.
    #[error("{id} is of type {kind}, which is never kept")]
    OfCluster { id: String, kind: String, copy: String, at: &'static str },
    /// The copy cannot be written over it.
    #[error("Secret {id} is immutable")]
    Immutable { id: String, copy: String },
    /// More than one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<KeptSecretError>),
    /// Waiting for the API server.
    #[error("the cluster is not ready: {0}")]
    Ready(Failure),
}

impl From<Failure> for KeptSecretError {
    fn from(failure: Failure) -> Self {
        Self::Ready(failure)
    }
}

impl AsFailure for KeptSecretError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Look { failure, .. }
            | Self::Namespace { failure, .. }
            | Self::Restore { failure, .. }
            | Self::Ready(failure) => Some(failure),
            // Nothing is begun after one that says something about all of them.
            Self::Several(errors) => errors.last().and_then(Self::as_failure),
            _ => None,
        }
    }
}

impl KeptSecretError {
    /// Vault's failure, where it is one.
    pub(super) fn of_vault(&self) -> Option<&vault::Failure> {
        match self {
            Self::ReadCopy { failure, .. }
            | Self::WriteCopy { failure, .. }
            | Self::DeleteCopy { failure, .. }
            | Self::Busy { failure, .. } => Some(failure),
            _ => None,
        }
    }

    /// The summary that is the same for every object, as that of a warning must be.
    pub(super) fn general(&self) -> &'static str {
        match self {
            Self::Unknown => "Unknown arguments",
            Self::Look { .. } => "Cannot read the Secret",
            Self::Namespace { .. } => "Cannot create the namespace",
            Self::NoNamespace(_) => "The namespace does not exist",
            Self::Restore { .. } => "Cannot restore the Secret",
            Self::ReadCopy { .. } => "Cannot read the copy",
            Self::WriteCopy { .. } | Self::Busy { .. } => "Cannot write the copy",
            Self::DeleteCopy { .. } => "Cannot delete the copy",
            Self::Copy { .. } | Self::OtherType { .. } => "The path holds something else",
            Self::NotKv2 { .. } => "The mount is not a KV engine of version 2",
            Self::Overtaken(_) => "The copy changes all the time",
            Self::Undecided { .. } => "The Secret and its copy differ",
            Self::OfCluster { .. } => "Secrets of this type are never kept",
            Self::Immutable { .. } => "The Secret is immutable",
            // As one, where only one can be told.
            Self::Several(errors) => errors.first().map_or("Failed", Self::general),
            Self::Ready(_) => "The cluster is not ready",
        }
    }

    fn diagnostic(&self) -> Diagnostic {
        let (name, place) = (AttributePath::new("name"), AttributePath::new("vault"));
        match self {
            Self::Unknown => {
                Diagnostic::error(self.general(), "Terraform applied unknown arguments. Please report this.")
            }
            Self::Look { title, failure } => {
                let at = match failure.cause() {
                    Some(Cause::Api { code: 400, .. }) => AttributePath::new("label_selector"),
                    _ => name,
                };
                failure.diagnostic(format!("Cannot read {title}"), at)
            }
            Self::Namespace { namespace, failure } => {
                failure.diagnostic(format!("Cannot create namespace {namespace}"), AttributePath::new("namespace"))
            }
            Self::NoNamespace(namespace) => {
                let detail = format!(
                    "Namespace {namespace} does not exist. Set create_namespace = true, or make this resource depend on what creates the namespace."
                );
                Diagnostic::error(self.general(), detail).at(AttributePath::new("namespace"))
            }
            Self::Restore { id, failure } => failure.diagnostic(format!("Cannot restore Secret {id}"), name),
            Self::ReadCopy { copy, failure } => failure.diagnostic(format!("Cannot read the copy {copy}"), place),
            Self::WriteCopy { copy, failure } | Self::Busy { copy, failure } => {
                failure.diagnostic(format!("Cannot write the copy {copy}"), place)
            }
            Self::DeleteCopy { copy, failure } => {
                let mut told = failure.diagnostic(format!("Cannot delete the copy {copy}"), place);
                told.detail.push_str(" To keep the copy, remove the resource from the state with a removed block (lifecycle { destroy = false }), or wait until Vault answers and apply forget_copy = false before the destroy.");
                told
            }
            Self::Copy { copy, problem } => {
                let detail = format!(
                    "{copy}: {}. Nothing was written. Set vault.path to a path of its own for this Secret, or, if nobody needs what is there, delete it with `vault kv metadata delete`.",
                    sentence(&problem.to_string())
                );
                Diagnostic::error(self.general(), detail).at(place.attribute("path"))
            }
            Self::NotKv2 { mount, what } => {
                let detail = format!(
                    "{mount} is {what}. Copies need a KV engine of version 2, which keeps earlier versions: mount one (`vault secrets enable -path=… -version=2 kv`), or upgrade this one (`vault kv enable-versioning {mount}`). Nothing was written."
                );
                Diagnostic::error(self.general(), detail).at(place.attribute("mount"))
            }
            Self::Overtaken(copy) => {
                let detail = format!(
                    "{copy}: others wrote a new version each time this one was about to be written. Use one path for one Secret of one cluster, and look for what else writes there (another configuration, a PushSecret)."
                );
                Diagnostic::error(self.general(), detail).at(place.attribute("path"))
            }
            Self::Undecided { id, copy } => {
                let detail = format!(
                    "Secret {id} exists and differs from its copy {copy}: it was recreated since it was copied, and what it holds does not tell which one is right. Set prefer = \"live\" to copy the live Secret (earlier versions of the copy stay in Vault), or prefer = \"copy\" to write the copy over it. To have the copy restored first, make whatever creates this Secret depend on this resource."
                );
                Diagnostic::error(self.general(), detail).at(AttributePath::new("prefer"))
            }
            Self::OtherType { id, copy } => {
                let detail = format!(
                    "Secret {id} has another type than the one in its copy {copy}, and the type of a Secret cannot change: these are two Secrets. Set vault.path to another path for the live one, or delete the copy with `vault kv metadata delete`."
                );
                Diagnostic::error(self.general(), detail).at(place.attribute("path"))
            }
            Self::OfCluster { id, kind, copy, at } => {
                let detail = format!(
                    "Secret {id}, or what its copy {copy} has under this name, is of type {kind}. Such a Secret is made by a cluster for itself and gives access to it alone, so it is neither copied nor restored. Keep another Secret, and if such a one is in the copy, delete that with `vault kv metadata delete`."
                );
                Diagnostic::error(self.general(), detail).at(AttributePath::new(*at))
            }
            Self::Immutable { id, copy } => {
                let detail = format!(
                    "Secret {id} differs from its copy {copy} and is immutable, so prefer = \"copy\" cannot write the copy over it. Delete the Secret first (kubectl delete secret): apply then restores it. Or set prefer = \"live\"."
                );
                Diagnostic::error(self.general(), detail).at(AttributePath::new("prefer"))
            }
            // As one, where only one can be told.
            Self::Several(errors) => match errors.first() {
                Some(first) => first.diagnostic(),
                None => Diagnostic::error(self.general(), "Nothing is known about why. Please report this."),
            },
            Self::Ready(failure) => failure.diagnostic(self.general(), AttributePath::root()),
        }
    }
}

impl From<KeptSecretError> for Diagnostic {
    fn from(error: KeptSecretError) -> Self {
        error.diagnostic()
    }
}

impl From<KeptSecretError> for Diagnostics {
    fn from(error: KeptSecretError) -> Self {
        match error {
            KeptSecretError::Several(errors) => errors.into_iter().map(Diagnostic::from).collect(),
            one => one.diagnostic().into(),
        }
    }
}
