//! What can go wrong with the API: one type, which says what was being done and why it failed.
//!
//! What a server says in an error is quoted, without the secrets that it may repeat.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use crate::limit::TooLarge;
use crate::reach::Unreachable;

/// What was being done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Setting up the connection.
    Connect,
    /// Getting an access token.
    LogIn,
    /// Listing devices.
    ListDevices,
    /// Looking at a device.
    LookAtDevice(String),
    /// Deleting a device.
    DeleteDevice(String),
    /// Minting an auth key.
    MintKey,
    /// Revoking an auth key.
    RevokeKey(String),
}

impl Operation {
    /// The scope that an OAuth client needs for it.
    pub(super) fn scope(&self) -> &'static str {
        match self {
            Self::Connect | Self::LogIn => "",
            Self::ListDevices | Self::LookAtDevice(_) => "devices:core:read",
            Self::DeleteDevice(_) => "devices:core",
            Self::MintKey | Self::RevokeKey(_) => "auth_keys",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect to the Tailscale API"),
            Self::LogIn => f.write_str("log in to the Tailscale API"),
            Self::ListDevices => f.write_str("list the tailnet's devices"),
            Self::LookAtDevice(id) => write!(f, "read device {id}"),
            Self::DeleteDevice(id) => write!(f, "delete device {id}"),
            Self::MintKey => f.write_str("mint an auth key"),
            Self::RevokeKey(id) => write!(f, "revoke auth key {id}"),
        }
    }
}

/// A failed operation.
#[derive(Debug, Error)]
#[error("cannot {operation}: {cause}")]
pub struct Error {
    /// What was being done.
    pub operation: Operation,
    /// Why it failed.
    #[source]
    pub cause: Box<Cause>,
    /// May it have been done all the same? So it is when an answer was lost.
    pub uncertain: bool,
}

/// Why an operation failed.
#[derive(Clone, Debug, Error)]
pub enum Cause {
    /// The request cannot be made.
    #[error("{problem}")]
    Request {
        /// What is wrong.
        problem: String,
    },
    /// No answer came.
    #[error("{server} cannot be reached: {}", told(reason))]
    Unreachable {
        /// The address.
        server: String,
        /// Why.
        reason: Unreachable,
    },
    /// The server took the request and was silent.
    #[error("{server} was silent for {limit:?}")]
    Silent {
        /// The address.
        server: String,
        /// How long.
        limit: Duration,
    },
    /// The answer is not what the API promises.
    #[error(
        "the answer is not what the API promises (line {line}, column {column}): base_url may not be the address of a Tailscale API"
    )]
    Answer {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
    },
    /// The answer is larger than any tailnet.
    #[error(transparent)]
    TooLarge(TooLarge),
    /// The answer shows only some of the devices.
    #[error(
        "the answer says itself that it is not the whole list (it names another page, or has status 206): nothing is decided by a part of the devices"
    )]
    Partial,
    /// Another device was asked for.
    #[error("the answer is about another device than the one that was asked for")]
    OtherDevice,
    /// A credential is repeated where it would be stored.
    #[error(
        "the answer repeats a credential that the request held, so it is not used: base_url may not be the address of a Tailscale API"
    )]
    Repeats,
    /// Ages are counted from the server's clock, which it does not tell.
    #[error("the answer has no Date header, and ages are counted from the server's clock only")]
    NoDate,
    /// The credential is refused.
    #[error("the credential is refused{}", quoted(message))]
    Unauthorized {
        /// The server's words.
        message: String,
    },
    /// The login is refused.
    #[error("the login is refused with status {code}{}", quoted(message))]
    Login {
        /// The status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// The credential may not do this.
    #[error("the credential may not do this: it needs the scope \"{scope}\"{}{}", has(granted.as_deref()), quoted(message))]
    Forbidden {
        /// The scope that is needed.
        scope: &'static str,
        /// The scopes that the token has, where the server said.
        granted: Option<String>,
        /// The server's words.
        message: String,
    },
    /// There is no such device, key or tailnet.
    #[error("it does not exist{}", quoted(message))]
    NotFound {
        /// The server's words.
        message: String,
    },
    /// A refusal that is not in the API's form: somebody else answers.
    #[error(
        "status {code}, not in the form of the API: base_url may not be the address of a Tailscale API{}",
        quoted(message)
    )]
    Foreign {
        /// The status.
        code: u16,
        /// The first of what came.
        message: String,
    },
    /// The device belongs to another tailnet.
    #[error("it belongs to another tailnet{}", quoted(message))]
    Outside {
        /// The server's words.
        message: String,
    },
    /// The server asks to wait, longer than there is time.
    #[error("the server asks to wait (status {code}){}", after(*retry_after))]
    Overloaded {
        /// 429 or 503.
        code: u16,
        /// For how long.
        retry_after: Option<Duration>,
    },
    /// Any other refusal.
    #[error("status {code}{}", quoted(message))]
    Api {
        /// The status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// What justified it had become old before it could be sent (again).
    #[error("the device was read too long ago to act on{}", at_last(failing.as_deref()))]
    Outdated {
        /// What failed meanwhile; none where the server only asked to wait.
        failing: Option<String>,
    },
    /// The user stopped.
    #[error("stopped")]
    Stopped,
    /// The time ran out.
    #[error("timed out{}", at_last(last.as_deref()))]
    TimedOut {
        /// What was seen last.
        last: Option<String>,
    },
}

fn at_last(last: Option<&str>) -> String {
    last.map(|last| format!("; at last: {last}")).unwrap_or_default()
}

fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn has(granted: Option<&str>) -> String {
    granted.map(|granted| format!(", and has \"{granted}\"")).unwrap_or_default()
}

fn after(time: Option<Duration>) -> String {
    time.map(|time| format!(" for {time:?}")).unwrap_or_default()
}

/// The reason in words that fit this server.
fn told(reason: &Unreachable) -> String {
    match reason {
        Unreachable::UnknownAuthority => {
            "its certificate is signed by an authority that this machine does not trust".to_owned()
        }
        Unreachable::WrongName { names } => format!("its certificate is for {}, not for this name", names.join(", ")),
        Unreachable::Refused => "connection refused".to_owned(),
        other => other.to_string(),
    }
}

impl Error {
    /// Does the object not exist?
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(*self.cause, Cause::NotFound { .. })
    }

    /// Did no usable answer come, so that the next request would fare no better?
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(
            *self.cause,
            Cause::Unreachable { .. } | Cause::Silent { .. } | Cause::TimedOut { .. } | Cause::Request { .. }
        )
    }

    /// Is it the server that is away or out of order, and not the request that is wrong?
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match &*self.cause {
            Cause::Unreachable { reason, .. } => !reason.is_about_trust(),
            Cause::Silent { .. } | Cause::TimedOut { .. } | Cause::Overloaded { .. } => true,
            Cause::Api { code, .. } => *code >= 500,
            _ => false,
        }
    }

    /// Would every other request of the same kind fail in the same way?
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.is_unreachable()
            || self.operation == Operation::LogIn
            || matches!(
                *self.cause,
                Cause::Unauthorized { .. }
                    | Cause::Login { .. }
                    | Cause::Overloaded { .. }
                    | Cause::Foreign { .. }
                    | Cause::Stopped
            )
    }
}

impl Cause {
    /// A parser's message may quote what it read, so only the place is kept.
    pub(super) fn answer(error: &serde_json::Error) -> Self {
        Self::Answer { line: error.line(), column: error.column() }
    }

    /// May the server have done what was asked, although this came back? Where a connection broke is not seen here.
    pub(super) fn may_have_acted(&self) -> bool {
        match self {
            Self::Silent { .. } | Self::Stopped | Self::TimedOut { .. } | Self::TooLarge(_) => true,
            Self::Api { code, .. } => *code >= 500,
            Self::Overloaded { code, .. } => *code != 429,
            _ => false,
        }
    }
}
