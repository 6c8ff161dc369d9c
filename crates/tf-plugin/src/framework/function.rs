//! Provider functions: pure, called before any provider is configured.

use thiserror::Error;

use super::types::Type;
use super::value::Datum;

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, an HCL identifier.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// May it be null?
    pub allow_null: bool,
    /// Is the function called although it is unknown?
    pub allow_unknown: bool,
    /// What it means.
    pub description: &'static str,
}

impl Parameter {
    /// A parameter that is neither null nor unknown when the function is called.
    #[must_use]
    pub fn new(name: &'static str, kind: Type, description: &'static str) -> Self {
        Self { name, kind, allow_null: false, allow_unknown: false, description }
    }
}

/// What a function takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The parameters in order.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// One line.
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// Why and in favour of what it is deprecated.
    pub deprecation: Option<&'static str>,
}

/// What Terraform does with the arguments of every provider function, and so stands on the page of each.
const KEPT: &str = "Pass no secrets to it: Terraform writes an unsalted SHA-256 of each provider function's arguments and result into the plan file, from which a short or guessable secret can be found.";

impl Signature {
    /// The description as Terraform and the function's page show it.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}\n\n{KEPT}", self.description)
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong and how to mend it.
    pub text: String,
    /// Which argument, counted from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error about one argument.
    pub fn argument(index: usize, text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: Some(index) }
    }

    /// An error about the call as a whole.
    pub fn call(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }
}

/// A pure function: the same arguments always give the same result.
pub trait Function: Send + Sync + 'static {
    /// The name in HCL, after `provider::<provider>::`.
    fn name(&self) -> &'static str;

    /// What it takes and gives.
    fn signature(&self) -> Signature;

    /// Calls it. There are as many arguments as parameters, and then the variadic ones.
    ///
    /// # Errors
    /// [`FunctionError`] when an argument makes no sense.
    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError>;
}
