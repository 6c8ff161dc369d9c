//! The trait of an action: something done on request or on an event (Terraform 1.14 and newer).

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::Model;
use super::schema::Schema;

/// Something that is done and leaves no state.
#[async_trait]
pub trait Action: Send + Sync + 'static {
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

    /// Checks that need several attributes.
    fn validate(&self, _config: &Self::Model, _found: &mut Diagnostics) {}

    /// Looks at what would be done; the configuration may have unknowns.
    async fn plan(&self, _context: &Context<Self::Data>, _config: Self::Model) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// Does it; each line sent to `progress` is shown at once.
    async fn invoke(
        &self,
        context: &Context<Self::Data>,
        config: Self::Model,
        progress: Sender<String>,
    ) -> Result<(), Diagnostics>;
}
