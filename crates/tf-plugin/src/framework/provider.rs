//! The trait of the provider itself: its schema, and what its configuration becomes.

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::Model;
use super::registry::Registry;
use super::schema::Schema;

/// A provider: configuration in, data for every call out.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What every call gets.
    type Data: Send + Sync + 'static;
    /// The attributes of the provider block.
    type Model: Model;

    /// The schema of the provider block.
    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes())
    }

    /// Everything that it offers.
    fn registry(&self) -> Registry<Self::Data>;

    /// Checks that need several attributes. Values may be unknown.
    fn validate(&self, _config: &Self::Model, _found: &mut Diagnostics) {}

    /// Makes the data of a configured provider. Values may be unknown while planning; nothing is dialled here.
    async fn configure(
        &self,
        context: &Context<Self::Data>,
        config: Self::Model,
        terraform_version: &str,
    ) -> Result<Self::Data, Diagnostics>;

    /// A configured provider is not needed any more, since the process ends or is configured again: gives back what it
    /// holds, within about a second.
    async fn end(&self, _data: &Self::Data) {}
}
