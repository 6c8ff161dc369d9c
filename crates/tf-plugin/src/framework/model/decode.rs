//! What can be wrong with a value, with the path to it.

use thiserror::Error;

use crate::framework::AttributePath;
use crate::framework::diagnostics::Diagnostic;

/// A value that does not fit its model.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
#[error("{path}: {mismatch}")]
pub struct DecodeError {
    /// Where.
    pub path: AttributePath,
    /// What.
    pub mismatch: Mismatch,
}

/// Why a value does not fit.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum Mismatch {
    /// The value is not known yet.
    #[error("the value is not known yet")]
    Unknown,
    /// The value is absent.
    #[error("the value is null")]
    Null,
    /// The value has another type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the model says.
        expected: &'static str,
        /// What came.
        found: &'static str,
    },
    /// The number does not fit.
    #[error("{0} is not a whole number in range")]
    Number(String),
    /// The object lacks an attribute.
    #[error("the attribute is missing")]
    Missing,
}

impl DecodeError {
    /// `mismatch` at `path`.
    #[must_use]
    pub fn new(path: &AttributePath, mismatch: Mismatch) -> Self {
        Self { path: path.clone(), mismatch }
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Self {
        Diagnostic::error("Unexpected value", format!("{error}.")).at(error.path)
    }
}
