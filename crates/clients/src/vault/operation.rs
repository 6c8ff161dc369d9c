//! What is done in Vault, as an error names it.

use std::fmt;

/// What was being done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What a policy calls it, in words for the user: `read`, `list`, `write`, `delete`, `log in at`.
    pub verb: &'static str,
    /// The path below `/v1/`.
    pub path: String,
    /// The capabilities that a policy must grant on the path.
    pub capabilities: &'static [&'static str],
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.path)
    }
}
