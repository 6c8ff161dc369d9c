//! Values on the wire: MessagePack as Terraform writes it, and the JSON of its state files. The type comes from the
//! schema, every error carries the attribute's path, and no error repeats a value, which may be a secret.

mod json;
mod read;
mod write;

pub use json::decode_json;
pub use read::decode;
pub use write::encode;

use thiserror::Error;

use crate::framework::diagnostics::Diagnostic;
use crate::framework::{AttributePath, AttributePathStep};

/// The extension code of an unknown value of which something is known.
const REFINED: i8 = 12;

/// A value that cannot be read or written, and where in it.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{path}: {fault}")]
pub struct CodecError {
    /// Where.
    pub path: AttributePath,
    /// What.
    pub fault: Fault,
}

/// What is wrong with a value.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end in the middle of the value.
    #[error("the value ends too early")]
    Truncated,
    /// Bytes follow the value.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// The value is of another type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the schema says.
        expected: String,
        /// What came.
        found: &'static str,
    },
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8")]
    Utf8,
    /// Text that is no decimal number, an infinity or NaN.
    #[error("not a decimal number")]
    Number,
    /// An object lacks an attribute of its type.
    #[error("the attribute {0:?} is missing")]
    Missing(String),
    /// An object has an attribute that its type has not.
    #[error("the attribute {0:?} does not exist")]
    Unexpected(String),
    /// A tuple of another length.
    #[error("expected {expected} elements, found {found}")]
    Length {
        /// What the type says.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// The type that a dynamic value brought cannot be read.
    #[error("the type of a dynamic value cannot be read")]
    DynamicType,
    /// JSON that cannot be read, at this line and column of the value.
    #[error("malformed JSON at line {0}, column {1}")]
    Json(usize, usize),
}

impl CodecError {
    fn inside(mut self, step: AttributePathStep) -> Self {
        self.path.steps.insert(0, step);
        self
    }
}

impl From<Fault> for CodecError {
    fn from(fault: Fault) -> Self {
        Self { path: AttributePath::root(), fault }
    }
}

impl From<CodecError> for Diagnostic {
    fn from(error: CodecError) -> Self {
        Diagnostic::error(
            "Value that cannot be read",
            format!("{error}. Terraform and this provider disagree about the schema; please report this."),
        )
        .at(error.path)
    }
}

fn attribute(name: &str) -> AttributePathStep {
    AttributePathStep::Attribute(name.to_owned().into())
}

fn key(name: &str) -> AttributePathStep {
    AttributePathStep::Key(name.to_owned().into())
}

fn index(position: usize) -> AttributePathStep {
    AttributePathStep::Index(i64::try_from(position).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
