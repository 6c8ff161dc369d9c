//! The issuer is compared letter by letter by Vault, so it is compared here with what the cluster says of itself.

use tf_plugin::framework::context::Context;

use super::errors::VaultJwtAuthError as Error;
use super::model::VaultJwtAuth as Model;
use super::validate::other_issuer;
use crate::configured::Configured;

/// Warns where the cluster names another issuer. That it does not tell its own is no reason to stop.
pub(super) async fn compare(context: &Context<Configured>, planned: &Model) -> Result<(), Error> {
    let provider = context.provider().map_err(Error::Unconfigured)?;
    let Some(ours) = planned.bound_issuer.as_deref_option() else { return Ok(()) };
    let discovery = provider.cluster.look(context, |client, call| async move { client.discovery(&call).await }).await;
    if let Ok(discovery) = discovery
        && discovery.issuer != ours
    {
        context.warn(other_issuer(ours, &discovery.issuer));
    }
    Ok(())
}
