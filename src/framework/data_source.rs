//! The trait of a data source.

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::Model;
use super::schema::Schema;

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

    /// Completes the configuration with what is there now. Unknown attributes of the configuration never come here.
    async fn read(&self, context: &Context<Self::Data>, config: Self::Model) -> Result<Self::Model, Diagnostics>;
}
