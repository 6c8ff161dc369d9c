//! What renew and close need of a token: the token itself, how long it was given, when that is over, and whether it can be
//! renewed. Terraform keeps it in memory only.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tazlab_clients::vault::{Auth, Client, secret};
use tazlab_redacted::SecretText;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::errors::VaultTokenError;
use crate::configured::Configured;

/// How long a renewal or a revocation may take.
const LIMIT: Duration = Duration::from_secs(15);

/// How long at most until a renewal that failed is tried again.
const NEAR: Duration = Duration::from_secs(30);

/// How long at least: Terraform would try again without a pause.
const PAUSE: Duration = Duration::from_secs(1);

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
    /// When that is over; `None` where it lasts for ever.
    ends: Option<SystemTime>,
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
    /// In seconds since 1970.
    ends: Option<u64>,
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
    /// In seconds since 1970.
    ends: Option<u64>,
    renewable: bool,
}

/// The end of a token that gets this much time now.
fn end_of(lease: Duration) -> Option<SystemTime> {
    if lease.is_zero() { None } else { SystemTime::now().checked_add(lease) }
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
            ends: end_of(auth.lease),
            renewable: auth.renewable,
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let stored = Stored {
            token: self.token.expose(),
            namespace: self.namespace.as_deref(),
            first: self.first.as_secs(),
            now: self.now.as_secs(),
            ends: self.ends.and_then(|ends| Some(ends.duration_since(UNIX_EPOCH).ok()?.as_secs())),
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
            ends: stored.ends.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
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

    /// How much of its time is left; `None` where it lasts for ever.
    pub(super) fn left(&self) -> Option<Duration> {
        self.ends.map(|ends| ends.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// Is its time over?
    pub(super) fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// When a renewal that failed is tried again: soon, more often towards the end, and once more at it.
    pub(super) fn retry_at(&self) -> SystemTime {
        let wait = self.left().map_or(NEAR, |left| (left / 3).min(NEAR)).max(PAUSE);
        SystemTime::now() + wait
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
        // No longer than the token lives: what is tried again until then would never be told.
        let limit = self.left().map_or(LIMIT, |left| left.min(LIMIT)).max(PAUSE);
        let auth = provider.vault.ask(&context.within(limit), renew).await.map_err(VaultTokenError::Renew)?;
        let (token, namespace) = (self.token.clone(), self.namespace.clone());
        let (now, ends) = (auth.lease, end_of(auth.lease));
        Ok(Self { token, namespace, first: self.first, now, ends, renewable: auth.renewable })
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
            ends: end_of(seconds(now)),
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
    fn a_renewal_that_failed_is_tried_again_soon_and_never_without_a_pause() {
        let ending = |left: u64| Lease { ends: end_of(Duration::from_secs(left)), ..lease(3600, 3600, true) };
        for (left, least, most) in [(1800, 29, 30), (30, 9, 10), (2, 0, 1)] {
            let wait = ending(left).retry_at().duration_since(SystemTime::now()).unwrap();
            assert!(wait <= Duration::from_secs(most) && wait >= Duration::from_secs(least), "{left}: {wait:?}");
        }
        let over = Lease { ends: Some(UNIX_EPOCH), ..lease(1, 1, true) };
        assert!(over.is_over() && over.retry_at() > SystemTime::now() && !ending(5).is_over());
    }

    #[test]
    fn what_is_kept_comes_back_and_does_not_print() {
        let kept = lease(90, 60, true);
        let back = Lease::from_bytes(&kept.to_bytes()).unwrap();
        assert_eq!((back.token.expose(), back.first, back.now), (kept.token.expose(), kept.first, kept.now));
        assert_eq!(back.namespace, kept.namespace);
        assert!(back.left().unwrap().abs_diff(kept.left().unwrap()) <= Duration::from_secs(1));
        let for_ever = Lease::from_bytes(&lease(0, 0, true).to_bytes()).unwrap();
        assert!(for_ever.left().is_none() && !for_ever.is_over());
        assert!(!format!("{back:?}").contains("canary"));
        assert!(Lease::from_bytes(b"{\"token\":\"hvs.canary\"}").is_err_and(|error| !error.detail.contains("canary")));
    }
}
