//! The trait of an ephemeral resource: a value that lives in memory while Terraform runs and is stored nowhere.

use std::time::SystemTime;

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::Model;
use super::schema::Schema;

/// An opened ephemeral resource.
#[derive(Debug)]
pub struct Opened<M> {
    /// The result; what the configuration set is repeated.
    pub model: M,
    /// What renew and close need. Terraform keeps it in memory; it may hold secrets.
    pub private: Vec<u8>,
    /// When it must be renewed, if at all.
    pub renew_at: Option<SystemTime>,
}

/// A renewed ephemeral resource.
#[derive(Debug, Default)]
pub struct Renewed {
    /// What the next renew needs. Close gets what open returned, not this.
    pub private: Vec<u8>,
    /// When it must be renewed again, if at all.
    pub renew_at: Option<SystemTime>,
}

/// A value that is made at each plan and each apply and ends with it.
#[async_trait]
pub trait EphemeralResource: Send + Sync + 'static {
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

    /// Makes it.
    async fn open(
        &self,
        context: &Context<Self::Data>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics>;

    /// Makes it last longer.
    async fn renew(&self, _context: &Context<Self::Data>, private: Vec<u8>) -> Result<Renewed, Diagnostics> {
        Ok(Renewed { private, renew_at: None })
    }

    /// Ends it.
    async fn close(&self, context: &Context<Self::Data>, private: Vec<u8>) -> Result<(), Diagnostics>;
}
