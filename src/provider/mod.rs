//! The provider itself: what it offers, and its configuration. A new type is one line in `registry`.

use async_trait::async_trait;

use crate::framework::context::Context;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::provider::Provider;
use crate::framework::registry::Registry;
use crate::functions::corefile_checked::CorefileChecked;
use crate::functions::corefile_format::CorefileFormat;

/// Its address in the registry.
pub const ADDRESS: &str = "registry.terraform.io/tazlab/tazlab";

/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

crate::model! {
    /// Bootstraps Kubernetes clusters. The functions of this version need no configuration.
    pub struct Configuration {}
}

/// The provider `tazlab`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tazlab;

#[async_trait]
impl Provider for Tazlab {
    type Data = ();
    type Model = Configuration;

    fn registry(&self) -> Registry<()> {
        Registry::new().function(CorefileChecked).function(CorefileFormat)
    }

    async fn configure(&self, _: &Context<()>, _: Configuration, _: &str) -> Result<(), Diagnostics> {
        Ok(())
    }
}
