//! The three ways to a token.

use super::errors::VaultTokenError;
use super::model;
use crate::clients::kubernetes::{Client as Cluster, TokenRequest};
use crate::clients::vault::{Auth, Client, NewToken};
use crate::configured::Configured;
use crate::credential::Credential;
use crate::framework::context::Context;
use crate::framework::duration;
use crate::framework::value::Value;
use crate::vault::bare;

/// The least that Kubernetes takes; the token is used at once.
const SECONDS: i64 = 600;

pub(super) async fn obtain(
    context: &Context<Configured>,
    provider: &Configured,
    config: &model::VaultToken,
) -> Result<Auth, VaultTokenError> {
    if let Some(login) = config.jwt.as_ref_option() {
        by_jwt(context, provider, login).await
    } else if let Some(login) = config.approle.as_ref_option() {
        by_approle(context, provider, login).await
    } else {
        as_child(context, provider, config.child.as_ref_option()).await
    }
}

async fn by_jwt(
    context: &Context<Configured>,
    provider: &Configured,
    login: &model::Jwt,
) -> Result<Auth, VaultTokenError> {
    let account = login.service_account.as_ref_option();
    let namespace = account.map(|account| text(&account.namespace)).unwrap_or_default();
    let name = account.map(|account| text(&account.name)).unwrap_or_default();
    let (mount, role) = (bare(&text(&login.auth_path)), text(&login.role));
    let refused = |failure| VaultTokenError::Jwt {
        account: format!("{namespace}/{name}"),
        role: role.clone(),
        mount: mount.clone(),
        failure,
    };
    // No token is asked for that nobody could be shown.
    provider.vault.is_named().map_err(refused)?;
    let one = login.audience.as_ref_option().map(|one| vec![one.clone()]);
    let audiences = one.or_else(|| login.audiences.as_ref_option().cloned()).unwrap_or_default();
    let request = &TokenRequest { audiences, seconds: SECONDS };
    let (of, called) = (namespace.as_str(), name.as_str());
    let issue = |client: Cluster, call| async move { client.service_account_token(&call, of, called, request).await };
    let issued = provider
        .cluster
        .look(context, issue)
        .await
        .map_err(|failure| VaultTokenError::ServiceAccount { account: format!("{namespace}/{name}"), failure })?;
    let (at, as_role, jwt) = (mount.as_str(), role.as_str(), &issued.token);
    let ask = |client: Client, call| async move { client.login_jwt(&call, at, as_role, jwt).await };
    provider.vault.look(context, ask).await.map_err(refused)
}

async fn by_approle(
    context: &Context<Configured>,
    provider: &Configured,
    login: &model::AppRole,
) -> Result<Auth, VaultTokenError> {
    let secret = match (login.secret_id.as_ref_option(), login.secret_id_file.as_deref_option()) {
        (Some(secret), _) => Some(Credential::Text(secret.clone())),
        (None, Some(file)) => Some(Credential::File {
            setting: "approle.secret_id_file".to_owned(),
            path: provider.environment.path(file),
        }),
        (None, None) => None,
    };
    let read = tokio::task::spawn_blocking(move || secret.as_ref().map(Credential::read).transpose());
    let secret = read.await.map_err(|_| VaultTokenError::Reading)??;
    let (mount, role_id) = (bare(&text(&login.auth_path)), text(&login.role_id));
    let (at, id, secret) = (mount.as_str(), role_id.as_str(), secret.as_ref());
    let ask = |client: Client, call| async move { client.login_approle(&call, at, id, secret).await };
    provider.vault.look(context, ask).await.map_err(VaultTokenError::AppRole)
}

async fn as_child(
    context: &Context<Configured>,
    provider: &Configured,
    child: Option<&model::Child>,
) -> Result<Auth, VaultTokenError> {
    let lasts = |value: Option<&Value<String>>| value.and_then(Value::as_deref_option).map(duration::parse).transpose();
    let new = &NewToken {
        policies: child.and_then(|child| child.policies.as_ref_option().cloned()).unwrap_or_default(),
        ttl: lasts(child.map(|child| &child.ttl))?,
        explicit_max_ttl: lasts(child.map(|child| &child.explicit_max_ttl))?,
        renewable: true,
        display_name: child.and_then(|child| child.display_name.as_ref_option().cloned()),
    };
    let make = |client: Client, call| async move { client.create_token(&call, new).await };
    provider.vault.look(context, make).await.map_err(VaultTokenError::Child)
}

fn text(value: &Value<String>) -> String {
    value.as_deref_option().unwrap_or_default().to_owned()
}
