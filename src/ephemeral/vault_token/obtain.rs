//! The three ways to a token.

use tazlab_clients::vault::{Auth, Client, NewToken};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::duration;
use tf_plugin::framework::value::Value;

use super::errors::VaultTokenError;
use super::model;
use crate::cluster::account::{AT_ONCE, Account};
use crate::configured::Configured;
use crate::credential::Credential;
use crate::vault::bare;

pub(super) async fn obtain(
    context: &Context<Configured>,
    provider: &Configured,
    config: &model::VaultToken,
) -> Result<Auth, VaultTokenError> {
    let namespace = config.namespace.as_deref_option();
    if let Some(login) = config.jwt.as_ref_option() {
        by_jwt(context, provider, namespace, login).await
    } else if let Some(login) = config.approle.as_ref_option() {
        by_approle(context, provider, namespace, login).await
    } else {
        as_child(context, provider, namespace, config.child.as_ref_option()).await
    }
}

async fn by_jwt(
    context: &Context<Configured>,
    provider: &Configured,
    namespace: Option<&str>,
    login: &model::Jwt,
) -> Result<Auth, VaultTokenError> {
    let account = Account::of(&login.service_account);
    let (mount, role) = (bare(&text(&login.mount)), text(&login.role));
    let refused = |failure| VaultTokenError::Jwt {
        account: account.to_string(),
        role: role.clone(),
        mount: mount.clone(),
        failure,
    };
    // No token is asked for that nobody could be shown.
    provider.vault.is_named().map_err(refused)?;
    let audiences = login.audiences.as_ref_option().cloned().unwrap_or_default();
    let issued = provider.cluster.token_of(context, &account, audiences, AT_ONCE).await;
    let issued = issued.map_err(|failure| VaultTokenError::ServiceAccount { account: account.to_string(), failure })?;
    let (at, as_role, jwt) = (mount.as_str(), role.as_str(), &issued.token);
    let ask = |client: Client, call| async move { client.within(namespace).login_jwt(&call, at, as_role, jwt).await };
    provider.vault.look(context, ask).await.map_err(refused)
}

async fn by_approle(
    context: &Context<Configured>,
    provider: &Configured,
    namespace: Option<&str>,
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
    let (mount, role_id) = (bare(&text(&login.mount)), text(&login.role_id));
    let (at, id, secret) = (mount.as_str(), role_id.as_str(), secret.as_ref());
    let ask = |client: Client, call| async move { client.within(namespace).login_approle(&call, at, id, secret).await };
    provider.vault.look(context, ask).await.map_err(VaultTokenError::AppRole)
}

async fn as_child(
    context: &Context<Configured>,
    provider: &Configured,
    namespace: Option<&str>,
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
    let make = |client: Client, call| async move { client.within(namespace).create_token(&call, new).await };
    provider.vault.look(context, make).await.map_err(VaultTokenError::Child)
}

fn text(value: &Value<String>) -> String {
    value.as_deref_option().unwrap_or_default().to_owned()
}
