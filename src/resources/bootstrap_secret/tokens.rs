//! Vault tokens that expire soon, among the contents and the provider's own: a warning before it is a refusal. What certificates say
//! of themselves is `expiry`'s.

use std::time::Duration;

use tazlab_clients::vault::{Cause, TokenLife};
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};

use super::model::BootstrapSecret;
use super::reading::How;
use super::sources::Sources;
use crate::configured::Configured;
use crate::vault::Failure;

/// Looks up the tokens that `check_vault_tokens` names, and the provider's own. A check that cannot be made is a warning.
pub(super) async fn warn(context: &Context<Configured>, arguments: &BootstrapSecret, sources: &Sources) {
    let (Some(keys), Ok(provider)) = (arguments.check_vault_tokens.as_ref_option(), context.provider()) else { return };
    let soon = How::of(arguments).warn_before();
    for key in &keys.0 {
        let Some(Ok(written)) = sources.get(key).map(|source| &source.content) else { continue };
        let Ok(token) = std::str::from_utf8(written.expose()).map(|text| SecretText::from(text.trim())) else {
            continue;
        };
        let life = provider.vault.look(context, |client, call| async move { client.token_life(&call, &token).await });
        let found = match life.await {
            Ok(life) => expiry(&format!("The token of key \"{key}\""), life, soon),
            Err(failure) if failure.is_gap() => None,
            Err(failure) => Some(unchecked(key, &failure)),
        };
        if let Some(warning) = found {
            context.warn(warning.at(AttributePath::new("check_vault_tokens")));
        }
    }
    let own = provider.vault.look(context, |client, call| async move { client.own_token_life(&call).await });
    if let Ok(Some(life)) = own.await
        && let Some(warning) = expiry("The Vault token of the provider", life, soon)
    {
        context.warn(warning);
    }
}

/// A token that was meant to last and does not any longer. One that lives for an hour by intention is no news.
fn expiry(whose: &str, TokenLife { left, given }: TokenLife, soon: Duration) -> Option<Diagnostic> {
    let left = left.filter(|left| *left <= soon && given > soon)?;
    let days = left.as_secs() / (24 * 60 * 60);
    let when = if days == 0 { format!("in {} hours", left.as_secs() / 3600) } else { format!("in {days} days") };
    let detail = format!(
        "{whose} expires {when}. Renew it, or create a new one, and apply again. warn_before sets how early this is reported."
    );
    Some(Diagnostic::warning("A Vault token expires soon", detail))
}

fn unchecked(key: &str, failure: &Failure) -> Diagnostic {
    let why = match failure {
        // Vault answers both in one way, with 403.
        Failure::Api(error) if matches!(*error.cause, Cause::PermissionDenied { .. }) => {
            "Vault refuses: that token has expired or is unknown to this Vault, or the policies of the provider's token do not grant update on auth/token/lookup".to_owned()
        }
        failure => failure.to_string(),
    };
    let detail = format!("The token of key \"{key}\" was not looked up. {}.", sentence(&why));
    Diagnostic::warning("Cannot check a Vault token", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    #[test]
    fn a_token_that_was_meant_to_last_is_a_warning_before_it_ends() {
        let told = |left: Option<Duration>, given| {
            expiry("It", TokenLife { left, given }, 10 * DAY).map(|warning| warning.detail)
        };
        assert!(told(Some(9 * DAY), 30 * DAY).unwrap().starts_with("It expires in 9 days."));
        assert!(told(Some(DAY / 2), 30 * DAY).unwrap().starts_with("It expires in 12 hours."));
        assert_eq!(told(Some(11 * DAY), 30 * DAY), None);
        assert_eq!(told(Some(DAY / 24), DAY / 24), None, "a login of a pipeline");
        assert_eq!(told(None, Duration::ZERO), None);
    }
}
