//! What is looked at after a refusal, all at once: the mount, the role, Vault's clock, the cluster's keys.

use tazlab_clients::vault::Cause;
use tazlab_jwk::Jwks;
use tazlab_jwk::token::Token;
use tf_plugin::framework::context::Context;

use super::Login;
use super::evidence::{Evidence, Seen};
use crate::configured::Configured;
use crate::vault::{Failure, checks_jwts};

pub(super) async fn evidence(
    context: &Context<Configured>,
    provider: &Configured,
    login: &Login,
    token: Token,
    answer: &Failure,
) -> Evidence {
    let (vault, mount, name) = (&provider.vault, login.mount.as_str(), login.role.as_str());
    let (config, role, now, keys) = tokio::join!(
        vault.look(context, |client, call| async move { login.at(&client).jwt_config(&call, mount).await }),
        vault.look(context, |client, call| async move { login.at(&client).jwt_role(&call, mount, name).await }),
        vault.look(context, |client, call| async move { client.clock(&call).await }),
        provider.cluster.look(context, |client, call| async move { client.jwks(&call).await }),
    );
    let config = match seen(config) {
        Seen::There(config) if !config.is_configured() => Seen::Missing,
        other => other,
    };
    let mut evidence = Evidence {
        mount: login.mount.clone(),
        role_name: login.role.clone(),
        token,
        audiences: login.audiences.clone(),
        is_denied: matches!(answer.cause(), Some(Cause::LoginDenied { .. })),
        is_verified: matches!(answer.cause(), Some(Cause::Refused { messages }) if messages.iter().any(|one| is_of_a_claim(one))),
        now: now.ok().flatten(),
        config,
        role: seen(role),
        roles: None,
        mounted: None,
        cluster: keys.ok().and_then(|document| Jwks::parse(&document).ok()),
    };
    // What is read only where something is missing.
    if evidence.config == Seen::Missing {
        let method =
            vault.look(context, |client, call| async move { login.at(&client).auth_method(&call, mount).await }).await;
        evidence.mounted = method.ok().flatten().map(|method| method.kind);
    }
    if evidence.role == Seen::Missing || evidence.mounted.as_deref().is_some_and(checks_jwts) {
        evidence.roles = vault
            .look(context, |client, call| async move { login.at(&client).jwt_roles(&call, mount).await })
            .await
            .ok();
    }
    evidence
}

/// Is this what Vault answers after it has verified the signature (vault-plugin-auth-jwt `path_login.go`, hashicorp/cap `jwt.go`)? It
/// has only words for it; of words that are not known nothing is concluded.
fn is_of_a_claim(message: &str) -> bool {
    message.starts_with("error validating claims: ") || message.starts_with("error validating token: invalid ")
}

fn seen<T>(answer: Result<Option<T>, Failure>) -> Seen<T> {
    match answer {
        Ok(Some(found)) => Seen::There(found),
        Ok(None) => Seen::Missing,
        Err(failure) => Seen::Hidden(failure.to_string()),
    }
}
