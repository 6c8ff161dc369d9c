//! What renew and close need of a token: the token itself, how long it was given, and whether it can be renewed. Terraform
//! keeps it in memory only.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tazlab_clients::vault::{Auth, Client, secret};
use tazlab_redacted::SecretText;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::errors::VaultTokenError;
use crate::configured::Configured;

/// How long a renewal or a revocation may take.
const LIMIT: Duration = Duration::from_secs(15);

/// A token that has to be renewed and revoked.
#[derive(Debug)]
pub(super) struct Lease {
    token: SecretText,
    /// The namespace that it is in.
    namespace: Option<String>,
    /// How long the token was given at first.
    first: Duration,
    /// How long it was given now.
    now: Duration,
    renewable: bool,
}

/// The same as Terraform keeps it. It is made and taken apart at once.
#[derive(Serialize)]
struct Stored<'a> {
    // Borrowed: no copy of it is left behind.
    token: &'a str,
    namespace: Option<&'a str>,
    first: u64,
    now: u64,
    renewable: bool,
}

/// What Terraform gives back.
#[derive(Deserialize)]
struct Given {
    #[serde(deserialize_with = "secret")]
    token: SecretText,
    namespace: Option<String>,
    first: u64,
    now: u64,
    renewable: bool,
}

impl Lease {
    /// What is to be kept of a new token; nothing of a batch token, which has no accessor, cannot be renewed or revoked, and
    /// ends by itself.
    pub(super) fn of(auth: &Auth, namespace: Option<&str>) -> Option<Self> {
        (!auth.accessor.is_empty()).then(|| Self {
            token: auth.token.clone(),
            namespace: namespace.map(ToOwned::to_owned),
            first: auth.lease,
            now: auth.lease,
            renewable: auth.renewable,
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let stored = Stored {
            token: self.token.expose(),
            namespace: self.namespace.as_deref(),
            first: self.first.as_secs(),
            now: self.now.as_secs(),
            renewable: self.renewable,
        };
        // Texts, numbers and a bool: serde_json cannot fail on them.
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Diagnostic> {
        let stored: Given = serde_json::from_slice(bytes).map_err(|_| {
            Diagnostic::error("Unreadable private data", "Terraform handed over private data of another provider.")
        })?;
        Ok(Self {
            token: stored.token,
            namespace: stored.namespace,
            first: Duration::from_secs(stored.first),
            now: Duration::from_secs(stored.now),
            renewable: stored.renewable,
        })
    }

    /// When it is to be renewed: after two thirds of its time, so that a failure can be repeated. Never, where it lasts for
    /// ever, or where Vault has begun to give it less, which it does at the end of what it may live at most.
    pub(super) fn renew_at(&self) -> Option<SystemTime> {
        let worth = self.renewable && !self.now.is_zero() && self.now.saturating_mul(2) >= self.first;
        let wait = (self.now / 3).saturating_mul(2).max(Duration::from_secs(1));
        // What no calendar can tell needs no renewal.
        SystemTime::now().checked_add(wait).filter(|_| worth)
    }

    fn of_client(&self, client: &Client) -> Client {
        client.within(self.namespace.as_deref()).with_token(self.token.clone())
    }

    pub(super) async fn renew(
        &self,
        context: &Context<Configured>,
        provider: &Configured,
    ) -> Result<Self, VaultTokenError> {
        let renew = |client: Client, call| async move { self.of_client(&client).renew_self(&call).await };
        let auth = provider.vault.ask(&context.within(LIMIT), renew).await.map_err(VaultTokenError::Renew)?;
        let (token, namespace) = (self.token.clone(), self.namespace.clone());
        Ok(Self { token, namespace, first: self.first, now: auth.lease, renewable: auth.renewable })
    }

    /// Ends the token. One that is over already is ended.
    pub(super) async fn revoke(
        &self,
        context: &Context<Configured>,
        provider: &Configured,
    ) -> Result<(), VaultTokenError> {
        let end = |client: Client, call| async move { self.of_client(&client).revoke_self(&call).await };
        let ended = provider.vault.change(&context.within(LIMIT), end).await;
        ended.map_err(|failure| VaultTokenError::Revoke { failure, lasts: self.now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(first: u64, now: u64, renewable: bool) -> Lease {
        let seconds = Duration::from_secs;
        Lease {
            token: "hvs.canary".into(),
            namespace: Some("a".to_owned()),
            first: seconds(first),
            now: seconds(now),
            renewable,
        }
    }

    #[test]
    fn it_is_renewed_in_time_and_not_for_ever() {
        let soon = lease(90, 90, true).renew_at().unwrap().duration_since(SystemTime::now()).unwrap();
        assert!(soon <= Duration::from_mins(1) && soon > Duration::from_secs(58), "{soon:?}");
        for (never, why) in [
            (lease(90, 90, false), "it cannot be renewed"),
            (lease(0, 0, true), "it lasts for ever"),
            (lease(90, 40, true), "its life comes to its end"),
            (lease(u64::MAX, u64::MAX, true), "it ends after every calendar"),
        ] {
            assert_eq!(never.renew_at(), None, "{why}");
        }
    }

    #[test]
    fn what_is_kept_comes_back_and_does_not_print() {
        let kept = lease(90, 60, true);
        let back = Lease::from_bytes(&kept.to_bytes()).unwrap();
        assert_eq!((back.token.expose(), back.first, back.now), (kept.token.expose(), kept.first, kept.now));
        assert_eq!(back.namespace, kept.namespace);
        assert!(!format!("{back:?}").contains("canary"));
        assert!(Lease::from_bytes(b"{\"token\":\"hvs.canary\"}").is_err_and(|error| !error.detail.contains("canary")));
    }
}
