//! The trial: a token from the cluster, a login at Vault, what came out of it, and its end.

use std::time::Duration;

use futures::future::join_all;
use tazlab_clients::vault::{Auth, Cause};
use tazlab_jwk::token::Token;
use tazlab_redacted::SecretText;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::Findings;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::explain::{self, Claim};
use super::{Login, gather};
use crate::cluster::account::AT_ONCE;
use crate::configured::Configured;
use crate::vault::Failure;

/// Policies that every Vault has.
const BUILT_IN: [&str; 2] = ["default", "root"];

/// How the trial ended. What is wrong stands in the findings.
pub(super) enum Outcome {
    /// Vault let it in.
    In { policies: Vec<String>, lease: Duration },
    /// Vault refused it.
    Refused { claims: Vec<Claim> },
    /// It did not come to a login.
    Untried,
}

pub(super) async fn prove(
    context: &Context<Configured>,
    provider: &Configured,
    login: &Login,
    findings: &mut Findings,
) -> Outcome {
    let named = provider.vault.is_named();
    if let Err(failure) = &named {
        findings.problem(format!("Cannot reach Vault: {failure}"));
    }
    if let Err(failure) = provider.cluster.is_named() {
        findings.problem(format!("Cannot request a token from the cluster: {failure}"));
    }
    if !findings.are_none() {
        return Outcome::Untried;
    }
    let Some(jwt) = service_account_token(context, provider, login, findings).await else { return Outcome::Untried };
    let (mount, role, token) = (login.mount.as_str(), login.role.as_str(), &jwt);
    let ask = |client: tazlab_clients::vault::Client, call| async move {
        login.at(&client).login_jwt(&call, mount, role, token).await
    };
    match provider.vault.look(context, ask).await {
        Ok(auth) => {
            let ((), ()) = tokio::join!(
                policies(context, provider, login, &auth, findings),
                revoke(context, provider, login, &auth)
            );
            Outcome::In { policies: auth.policies, lease: auth.lease }
        }
        Err(failure) if failure.is_unreachable() => {
            findings.problem(format!("Cannot reach Vault: {failure}"));
            Outcome::Untried
        }
        Err(failure) => {
            findings.problem(format!(
                "Vault refuses the login of {} as {role} at auth/{mount}: {}",
                login.account,
                words(&failure)
            ));
            let Ok(read) = Token::read(jwt.expose()) else { return Outcome::Untried };
            let evidence = Box::pin(gather::evidence(context, provider, login, read, &failure)).await;
            let explanation = explain::explain(&evidence);
            for problem in explanation.problems() {
                findings.problem(problem);
            }
            Outcome::Refused { claims: explanation.claims }
        }
    }
}

/// Vault's own words, where it has some for this.
fn words(failure: &Failure) -> String {
    match failure.cause() {
        Some(Cause::Refused { messages }) if !messages.is_empty() => messages.join("; "),
        // What it may mean is looked at, and told in lines of its own.
        Some(Cause::LoginDenied { .. }) => "permission denied".to_owned(),
        Some(cause) => cause.to_string(),
        None => failure.to_string(),
    }
}

async fn service_account_token(
    context: &Context<Configured>,
    provider: &Configured,
    login: &Login,
    findings: &mut Findings,
) -> Option<SecretText> {
    let account = &login.account;
    match provider.cluster.token_of(context, account, login.audiences.clone(), AT_ONCE).await {
        Ok(issued) => Some(issued.token),
        Err(failure) if matches!(failure.cause(), Some(tazlab_clients::kubernetes::Cause::NotFound)) => {
            findings.problem(format!("ServiceAccount {account} does not exist, so there is no token to log in with"));
            None
        }
        Err(failure) => {
            findings.problem(format!("Cannot get a token of ServiceAccount {account}: {failure}"));
            None
        }
    }
}

/// A policy that does not exist grants nothing, and Vault does not mention it.
async fn policies(
    context: &Context<Configured>,
    provider: &Configured,
    login: &Login,
    auth: &Auth,
    findings: &mut Findings,
) {
    let named: Vec<&String> = auth.policies.iter().filter(|name| !BUILT_IN.contains(&name.as_str())).collect();
    let looks = named.iter().map(|name| {
        let name = name.as_str();
        provider.vault.look(context, move |client, call| async move { login.at(&client).policy(&call, name).await })
    });
    for (name, seen) in named.iter().zip(join_all(looks).await) {
        // What may not be looked at is no finding.
        if matches!(seen, Ok(None)) {
            findings.problem(format!(
                "Policy {name} does not exist in Vault: the login works, but this policy grants its token nothing. To make it: vault policy write {name} <file>, or a resource that writes it"
            ));
        }
    }
    if named.is_empty() && auth.policies.iter().all(|name| name == "default") {
        let detail = "The policies grant its token nothing else. Set token_policies in the role.";
        context.warn(Diagnostic::warning("The login grants no policy but \"default\"", detail));
    }
}

/// Ends what was only a trial. A batch token has no accessor, cannot be revoked, and ends by itself.
async fn revoke(context: &Context<Configured>, provider: &Configured, login: &Login, auth: &Auth) {
    if auth.accessor.is_empty() {
        return;
    }
    let token = &auth.token;
    let end = |client: tazlab_clients::vault::Client, call| async move {
        login.at(&client).with_token(token.clone()).revoke_self(&call).await
    };
    if let Err(failure) = provider.vault.change(&context.within(provider.vault.connect_timeout), end).await {
        let detail = format!("{failure}. It expires in {}.", super::lasting(auth.lease));
        context.warn(Diagnostic::warning("The token of the test login could not be revoked", detail));
    }
}
