//! Why a redirect is not followed.

use thiserror::Error;

/// Why a redirect is not followed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Distrust {
    /// The token would go over the wire in clear.
    #[error("it leads out of TLS, and the token would go along in clear")]
    LosesTls,
    /// It is on another machine, and not by TLS.
    #[error("it leads over the network without TLS, and the token would go along in clear")]
    InClear,
    /// Nobody knows who it is that redirects.
    #[error("the certificate of the server that redirects was not verified")]
    Unverified,
    /// It is not where the active node is.
    #[error("sys/leader names {} as the active node", .leader.as_deref().unwrap_or("nobody"))]
    NotLeader {
        /// The active node.
        leader: Option<String>,
    },
    /// It does not say where to.
    #[error("it names no server")]
    Nowhere,
}
