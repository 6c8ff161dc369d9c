//! A mount as Vault holds it.

use tazlab_clients::vault::{Call, Client, Error, JwtConfig, Mount};

use super::model::VaultJwtAuth as Model;
use crate::vault::checks_jwts;

/// The mount, and its configuration where it has one.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) mount: Mount,
    pub(super) config: Option<JwtConfig>,
}

impl Live {
    /// Is it of the plugin that these arguments are for?
    pub(super) fn is_jwt(&self) -> bool {
        checks_jwts(&self.mount.kind)
    }
}

/// Looks at the mount of these arguments.
pub(super) async fn look(client: Client, call: Call, model: &Model) -> Result<Option<Live>, Error> {
    let client = client.within(model.namespace_name());
    let path = model.mount();
    let Some(mount) = client.auth_method(&call, path).await? else { return Ok(None) };
    let mut live = Live { mount, config: None };
    if live.is_jwt() {
        live.config = client.jwt_config(&call, path).await?;
    }
    Ok(Some(live))
}
