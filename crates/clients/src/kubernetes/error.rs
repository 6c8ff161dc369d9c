//! What can go wrong with a cluster: one type, which says what was done, to which object, and why it failed.
//!
//! No message holds a value of an object or a credential: what a Secret contains never reaches an error, what others say is
//! scrubbed before it does, and no error of a library is displayed.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::authentication::AuthenticationError;
use crate::failed::Failed;
use crate::limit::TooLarge;
use crate::reach::Unreachable;

/// What was being done to which object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The API verb (`get`, `apply`, `delete`, `list`), or what else was done (`connect`, `wait`).
    pub verb: &'static str,
    /// The kind, `Secret`; empty where no object is concerned.
    pub kind: String,
    /// The object's namespace, where it has one.
    pub namespace: Option<String>,
    /// The object's name; empty for a list.
    pub name: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb)?;
        if !self.kind.is_empty() {
            write!(f, " {}", self.kind)?;
        }
        match (&self.namespace, self.name.as_str()) {
            (None, "") => Ok(()),
            (Some(namespace), "") => write!(f, " in namespace {namespace}"),
            (Some(namespace), name) => write!(f, " {namespace}/{name}"),
            (None, name) => write!(f, " {name}"),
        }
    }
}

/// A failed operation on a cluster.
pub type Error = Failed<Operation, Cause>;

impl Error {
    /// Whether the object (or, for a write, its namespace) does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(*self.cause, Cause::NotFound)
    }

    /// Whether the caller could not say who it is, or is not known: nothing is said about the object or the server.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        matches!(*self.cause, Cause::Authentication(_))
    }

    /// Whether it says something about what was asked for, and not about the connection, the user or the time.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        !self.is_unreachable() && !self.is_authentication() && !matches!(*self.cause, Cause::Stopped)
    }

    /// Whether no answer came from an API server: nothing can be said about the object. Missing settings count too.
    /// Credentials that cannot be had do not: see [`Error::is_authentication`].
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(
            *self.cause,
            Cause::Unreachable { .. }
                | Cause::TimedOut { .. }
                | Cause::MissingSettings { .. }
                | Cause::KubeconfigUnreadable { .. }
        )
    }
}

impl Cause {
    /// Whether a write that failed so may have been carried out all the same.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Unreachable { reason, .. } => reason.comes_after_sending(),
            // A server, or a proxy before it, that gives up on an answer; one that was cut, or cannot be read.
            Self::Api { code, .. } | Self::Foreign { code, .. } => (500..=599).contains(code),
            Self::TimedOut { .. } | Self::Stopped | Self::Answer { .. } | Self::TooLarge(_) => true,
            // What was stored may be converted once more, for the answer.
            error => matches!(error, Self::ConversionNotReady { .. } | Self::ConversionFailed { .. }),
        }
    }

    /// Whether a webhook that has to be asked cannot be asked yet, which passes by itself where one is being installed.
    #[must_use]
    pub fn is_webhook_not_ready(&self) -> bool {
        matches!(self, Self::AdmissionNotReady { .. } | Self::ConversionNotReady { .. })
    }

    /// Whether it is what an API server that does not exist any more looks like from here; see [`Unreachable::is_absence`].
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Unreachable { reason, .. } => reason.is_absence(),
            // What was answered before the time ran out came from a server.
            Self::TimedOut { last } => last.is_none(),
            _ => false,
        }
    }
}

/// One field that another manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// The field's path, `.data.token`.
    pub field: String,
    /// The manager that owns it.
    pub manager: String,
}

impl fmt::Display for FieldConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is owned by \"{}\"", self.field, self.manager)
    }
}

/// One field that the server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    /// The field's path.
    pub field: String,
    /// What is wrong with it, in the server's words.
    pub message: String,
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Why an operation failed.
#[derive(Debug, Error)]
pub enum Cause {
    /// Neither a kubeconfig nor a host is given.
    #[error("no cluster is named: {missing}")]
    MissingSettings {
        /// Which settings would do.
        missing: &'static str,
    },
    /// A kubeconfig cannot be read.
    #[error("the kubeconfig {} cannot be read: {reason}", path.display())]
    KubeconfigUnreadable {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        reason: String,
    },
    /// A kubeconfig can be read and makes no sense. The parser's own words may quote the file, so they are left out.
    #[error("the kubeconfig {} is not valid: {problem}", path.display())]
    KubeconfigInvalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
    /// The named context does not exist.
    #[error("the kubeconfig has no context \"{context}\"; it has {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    ContextNotFound {
        /// The context that was asked for.
        context: String,
        /// Those that exist.
        known: Vec<String>,
    },
    /// No context was asked for and the file names no current one.
    #[error("the kubeconfig names no current-context; set config_context to one of {}", known.join(", "))]
    NoCurrentContext {
        /// The contexts that exist.
        known: Vec<String>,
    },
    /// A setting has a value that cannot be used.
    #[error("{setting} cannot be used: {problem}")]
    InvalidSetting {
        /// The setting's name, as in [`super::Settings`].
        setting: &'static str,
        /// What is wrong with it; never its value where that is secret.
        problem: String,
    },
    /// The credentials cannot be had, or are refused.
    #[error("{0}")]
    Authentication(AuthenticationError),
    /// No connection, or no answer on it.
    #[error("the API server at {server} is unreachable: {reason}")]
    Unreachable {
        /// Its address.
        server: String,
        /// Why.
        reason: Unreachable,
    },
    /// The caller's deadline passed.
    #[error("timed out{}", last.as_ref().map(|last| format!("; last: {last}")).unwrap_or_default())]
    TimedOut {
        /// What was seen last, where there were several attempts.
        last: Option<String>,
    },
    /// The user stopped the work.
    #[error("stopped")]
    Stopped,
    /// The server knows the user and refuses.
    #[error("forbidden: {message}; give this user the verb \"{verb}\" on {resource}")]
    Forbidden {
        /// The verb as RBAC knows it.
        verb: &'static str,
        /// The kind of object.
        resource: String,
        /// The server's words.
        message: String,
    },
    /// The object does not exist.
    #[error("not found")]
    NotFound,
    /// Other field managers own what should be written.
    #[error(
        "conflict with other field managers: {}; remove these fields from the configuration, or set force_conflicts = true to take ownership of them",
        list(fields)
    )]
    FieldConflict {
        /// The fields and their owners.
        fields: Vec<FieldConflict>,
    },
    /// The object is not the one that was meant any more (another uid or resourceVersion).
    #[error("the object has changed meanwhile: {message}")]
    Changed {
        /// The server's words.
        message: String,
    },
    /// The server refuses the content.
    #[error("invalid: {}", if fields.is_empty() { message.clone() } else { list(fields) })]
    Invalid {
        /// The fields that are wrong.
        fields: Vec<InvalidField>,
        /// The server's words.
        message: String,
    },
    /// The namespace is being deleted, so nothing can be made in it.
    #[error("namespace {namespace} is being deleted; wait until it is deleted, or find the finalizers that block it")]
    NamespaceTerminating {
        /// The namespace.
        namespace: String,
    },
    /// What decides about writes cannot decide yet: nothing was written. A cluster that is being born comes by this, and so does
    /// one whose webhooks are being installed.
    #[error("admission is not ready: {message}")]
    AdmissionNotReady {
        /// The server's words.
        message: String,
    },
    /// An admission webhook said no.
    #[error("refused by admission: {message}")]
    AdmissionDenied {
        /// The webhook's or the server's words.
        message: String,
    },
    /// The conversion webhook of the kind cannot be asked yet.
    #[error("the conversion webhook of the kind is not ready: {message}")]
    ConversionNotReady {
        /// The server's words.
        message: String,
    },
    /// The conversion webhook of the kind does not convert the object.
    #[error("the conversion webhook of the kind does not convert the object: {message}")]
    ConversionFailed {
        /// The webhook's words.
        message: String,
    },
    /// The server has too much to do, and retries did not help.
    #[error("the API server is overloaded or not ready ({code}): {message}")]
    Overloaded {
        /// 429 or 503.
        code: u16,
        /// The server's words.
        message: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// Another answer that is no success.
    #[error("the API server answered {code}: {message}")]
    Api {
        /// The HTTP status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// An answer that is not in the form of the API: something else than an API server may have given it. What it says is
    /// not repeated where it may hold what was sent.
    #[error(
        "the answer has status {code} and is not in the form of the Kubernetes API; a proxy or another server may have given it{}",
        if message.is_empty() { String::new() } else { format!(": {message}") }
    )]
    Foreign {
        /// The HTTP status.
        code: u16,
        /// The first of what came; empty where it may not be shown.
        message: String,
    },
    /// The answer is larger than what is read.
    #[error("{0}")]
    TooLarge(TooLarge),
    /// The answer is not what it should be. The parser's words may quote a secret, so only the place is kept.
    #[error("the API server's answer cannot be read (line {line}, column {column})")]
    Answer {
        /// Line of the body, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The server does not list its kinds in the form that it is asked for.
    #[error(
        "the API server does not say which kinds of objects it has: its answer is not aggregated discovery (apidiscovery.k8s.io/v2)"
    )]
    NoDiscovery,
    /// The request could not be built.
    #[error("the request cannot be made: {problem}")]
    Request {
        /// What is wrong.
        problem: String,
    },
}
