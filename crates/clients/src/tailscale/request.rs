//! One request as it is put together, and the answer to it. How it is sent, and how often, is not decided here.

use jiff::Timestamp;
use reqwest::Method;
use tazlab_redacted::SecretBytes;
use tokio::time::Instant;

use super::error::{Cause, Error, Operation};
use crate::repeats::Needles;

/// The body of a request.
#[derive(Debug)]
pub(super) enum Body {
    None,
    Json(serde_json::Value),
    /// A form, encoded; it holds secrets.
    Form(SecretBytes),
}

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, &'static str)>,
    pub(super) body: Body,
    /// What justifies it holds until then.
    pub(super) justified: Option<Instant>,
}

impl Request {
    pub(super) fn new(operation: Operation, method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { operation, method, path, query: Vec::new(), body: Body::None, justified: None }
    }

    pub(super) fn query(mut self, name: &'static str, value: &'static str) -> Self {
        self.query.push((name, value));
        self
    }

    pub(super) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// It is not begun, and not repeated, after this.
    pub(super) fn justified_until(mut self, until: Instant) -> Self {
        self.justified = Some(until);
        self
    }

    pub(super) fn fail(&self, cause: Cause) -> Error {
        Error { operation: self.operation.clone(), cause: Box::new(cause), uncertain: false }
    }

    /// May it be sent again although the first try may have been heard? A second key would be one too many.
    pub(super) fn repeats(&self) -> bool {
        self.operation != Operation::MintKey
    }

    pub(super) fn changes(&self) -> bool {
        matches!(self.operation, Operation::DeleteDevice(_) | Operation::MintKey | Operation::RevokeKey(_))
    }
}

/// An answer that is a success.
pub(super) struct Answer {
    /// The server's clock.
    pub(super) date: Option<Timestamp>,
    /// The body; some hold secrets.
    pub(super) body: SecretBytes,
    /// Does it say itself that there is more?
    pub(super) is_part: bool,
    /// The credentials that were shown: what is stored must hold none of them.
    pub(super) shown: Needles,
}
