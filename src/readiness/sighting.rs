//! What is known of one object: is it ready, and if not, why, and whom does it wait for?

use std::collections::BTreeMap;

use super::kind::{Id, Reference};

/// How an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is ready.
    Ready,
    /// It is not.
    NotReady(Reason),
    /// Its controller is told to leave it alone.
    Suspended,
    /// A Service is ready when pods stand behind it.
    NeedsEndpoints,
    /// A Service of the Tailscale operator is ready when the pod of its proxy is.
    NeedsProxy,
    /// A CRD is ready when its kind is served.
    NeedsServing {
        /// Its API group.
        group: String,
        /// The kind's name in URLs.
        plural: String,
    },
}

/// Why an object is not ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reason {
    /// The condition's reason, one word, where there is one.
    pub(super) word: String,
    /// The condition's message, or what is seen.
    pub(super) message: String,
    /// Is its controller at work on it, and has not said how it went?
    pub(super) is_passing: bool,
    /// Has its controller given it up until somebody changes it?
    pub(super) is_final: bool,
}

impl Reason {
    /// What is seen, where no condition says it.
    pub(super) fn seen(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

impl std::fmt::Display for Reason {
    /// One line, whatever the message is.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let message = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        match (self.word.as_str(), message.as_str()) {
            ("", message) => out.write_str(message),
            (word, "") => out.write_str(word),
            (word, message) => write!(out, "{word}: {message}"),
        }
    }
}

/// One object, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    /// Where it is.
    pub(super) id: Id,
    /// How it stands.
    pub(super) standing: Standing,
    /// What it waits for, if these are not ready.
    pub(super) waits_for: Vec<Reference>,
    /// The labels of its pods.
    pub(super) pods: BTreeMap<String, String>,
    /// Its uid, where events are to explain why it is not ready.
    pub(super) uid: String,
    /// The Service that it stands behind.
    pub(super) service: Option<Id>,
    /// It says nothing about itself, so that it is ready by existing.
    pub(super) only_exists: bool,
}

impl Sighting {
    /// An object of which nothing more is known.
    pub(super) fn new(id: Id, standing: Standing) -> Self {
        Self {
            id,
            standing,
            waits_for: Vec::new(),
            pods: BTreeMap::new(),
            uid: String::new(),
            service: None,
            only_exists: false,
        }
    }
}
