//! The trait of a data source.

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::model::Model;
use super::schema::Schema;
use super::value::Value;

/// Something that is read and never changed.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: Send + Sync + 'static;
    /// The attributes.
    type Model: Model;

    /// The name in HCL.
    const NAME: &'static str;

    /// The schema.
    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes())
    }

    /// Checks that need several attributes. Values may be unknown; nothing remote may be asked.
    fn validate(&self, _config: &Self::Model, _found: &mut Diagnostics) {}

    /// Completes the configuration with what is there now. Unknown attributes of the configuration never come here; unknown
    /// settings of the provider do, and are a finding.
    ///
    /// It is read at every plan and before every destroy, where an error ends the destroy: what it finds is told in
    /// [`Findings`], never by an error, and nothing is waited for.
    async fn read(&self, context: &Context<Self::Data>, config: Self::Model) -> Result<Self::Model, Diagnostics>;
}

/// What a data source that checks something has found: its attributes `ready`, `problems`, and the warning that tells them.
/// Failing because of it is the user's `postcondition`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Adds a problem: one sentence or more, beginning with a capital, without a full stop.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// Is there none?
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The first problem.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// The attribute `ready`.
    #[must_use]
    pub fn ready(&self) -> Value<bool> {
        Value::Value(self.are_none())
    }

    /// The attribute `problems`.
    #[must_use]
    pub fn problems(&self) -> Value<Vec<String>> {
        Value::Value(self.0.clone())
    }

    /// Warns of the problems, so that nobody has to print an output to see them.
    pub fn tell<D>(&self, context: &Context<D>, summary: &'static str) {
        if !self.are_none() {
            context.warn(Diagnostic::warning(summary, self.0.join("\n\n")));
        }
    }

    /// Warns of the problems of one of several objects: the detail begins with it, since the summary is the same for all.
    pub fn tell_of<D>(&self, context: &Context<D>, summary: &'static str, object: &str) {
        if !self.are_none() {
            context.warn(Diagnostic::warning(summary, format!("{object}: {}", self.0.join("\n\n"))));
        }
    }
}
