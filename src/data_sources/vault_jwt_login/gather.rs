//! What is looked at after a refusal, all at once: the mount, the role, Vault's clock, the cluster's keys.

use tazlab_jwk::Jwks;
use tazlab_jwk::token::Token;
use tf_plugin::framework::context::Context;

use super::Login;
use super::evidence::{Evidence, Seen};
use crate::configured::Configured;
use crate::vault::Failure;

pub(super) async fn evidence(
    context: &Context<Configured>,
    provider: &Configured,
    login: &Login,
    token: Token,
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
        now: now.ok().flatten(),
        config,
        role: seen(role),
        roles: None,
        mounted: None,
        cluster: keys.ok().and_then(|document| Jwks::parse(&document).ok()),
    };
    // What is asked only where something is missing.
    if evidence.config == Seen::Missing {
        let method =
            vault.look(context, |client, call| async move { login.at(&client).auth_method(&call, mount).await }).await;
        evidence.mounted = method.ok().flatten().map(|method| method.kind);
    } else if evidence.role == Seen::Missing {
        evidence.roles = vault
            .look(context, |client, call| async move { login.at(&client).jwt_roles(&call, mount).await })
            .await
            .ok();
    }
    evidence
}

fn seen<T>(answer: Result<Option<T>, Failure>) -> Seen<T> {
    match answer {
        Ok(Some(found)) => Seen::There(found),
        Ok(None) => Seen::Missing,
        Err(failure) => Seen::Hidden(failure.to_string()),
    }
}
