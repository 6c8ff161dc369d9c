//! What is asked of Vault: the verb, the path, the rights that it needs.

use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use tazlab_redacted::{SecretBytes, SecretText};

use super::operation::Operation;

/// How long a single request may take where the caller's deadline is further away.
pub(super) const REQUEST: Duration = Duration::from_secs(30);

/// What a request does, as far as sending it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Read,
    List,
    /// Makes or changes something.
    Write,
    Delete,
    /// A write or delete at a path that Vault protects further.
    SudoWrite,
    SudoDelete,
    /// A write that needs no token.
    Login,
}

impl Verb {
    pub(super) fn reads(self) -> bool {
        matches!(self, Self::Read | Self::List)
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::Read | Self::List => Method::GET,
            Self::Write | Self::SudoWrite | Self::Login => Method::POST,
            Self::Delete | Self::SudoDelete => Method::DELETE,
        }
    }

    /// What is done at `path`, as errors tell it.
    pub(super) fn at(self, path: &str) -> Operation {
        let (verb, capabilities): (_, &'static [&'static str]) = match self {
            Self::Read => ("read", &["read"]),
            Self::List => ("list", &["list"]),
            Self::Write => ("write", &["create", "update"]),
            Self::Delete => ("delete", &["delete"]),
            Self::SudoWrite => ("write", &["create", "update", "sudo"]),
            Self::SudoDelete => ("delete", &["delete", "sudo"]),
            Self::Login => ("log in at", &[]),
        };
        Operation { verb, path: path.to_owned(), capabilities }
    }
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct What<'a> {
    pub(super) operation: &'a Operation,
    pub(super) verb: Verb,
    pub(super) body: Option<&'a SecretBytes>,
    pub(super) query: Option<&'a str>,
    pub(super) namespace: Option<&'a str>,
    /// What of the body is secret, beside the token: nobody's words are repeated with it.
    pub(super) secrets: &'a [&'a SecretText],
    /// A 404 that holds `data` is an answer, too: KV version 2 reports a deleted version so.
    pub(super) deleted_is_answer: bool,
}

impl<'a> What<'a> {
    pub(super) fn plain(operation: &'a Operation, verb: Verb, body: Option<&'a SecretBytes>) -> Self {
        Self { operation, verb, body, query: None, namespace: None, secrets: &[], deleted_is_answer: false }
    }

    pub(super) fn within(self, namespace: Option<&'a str>) -> Self {
        Self { namespace, ..self }
    }
}

/// A value as the body of a request, in memory that is wiped.
pub(super) fn body(value: &impl Serialize) -> SecretBytes {
    SecretBytes::json(value)
}

/// The path with everything encoded that has a meaning in a URL.
pub(super) fn encoded(path: &str) -> String {
    use std::fmt::Write;
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_written_into_a_buffer_of_its_size() {
        let body = body(&serde_json::json!({"jwt": "x".repeat(5000)}));
        assert_eq!((body.expose().len(), body.expose().capacity()), (5010, 5010));
    }

    #[test]
    fn paths_keep_their_slashes_and_nothing_else_that_means_something() {
        assert_eq!(encoded("auth/jwt/role/a b?c#d%e"), "auth/jwt/role/a%20b%3Fc%23d%25e");
    }
}
