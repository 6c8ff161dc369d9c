//! What Vault says of itself: the questions that tell what a refusal means.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use tazlab_redacted::SecretText;

use super::Client;
use super::connection::Connection;
use super::error::{Cause, Error};
use super::request::{Verb, What};
use super::send::why;
use crate::call::Call;
use crate::reach::Unreachable;

/// How long the question after the cause of a refusal may take.
pub(super) const EXPLANATION: Duration = Duration::from_secs(2);

/// The end of the year 9999, in seconds since 1970.
const END: i64 = 253_402_300_799;

/// What a Vault says of itself to everybody.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Health {
    /// Was it ever initialized?
    pub initialized: bool,
    /// Is it sealed?
    pub sealed: bool,
    /// Does it leave requests to another node?
    #[serde(default)]
    pub standby: bool,
    /// Has it namespaces? `OpenBao`, which has them, does not say.
    pub enterprise: Option<bool>,
    /// Its time of day, in seconds since 1970.
    pub server_time_utc: Option<i64>,
}

impl Health {
    /// Reads the answer; `None` where it is not Vault's own.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let health: Self = serde_json::from_slice(body).ok()?;
        // A time that no calendar has is none.
        let server_time_utc = health.server_time_utc.filter(|time| (0..=END).contains(time));
        Some(Self { server_time_utc, ..health })
    }
}

impl Client {
    /// Vault's own time of day, in seconds since 1970; `None` when it does not say.
    ///
    /// # Errors
    /// [`Cause::Stopped`] or [`Cause::TimedOut`].
    pub async fn clock(&self, call: &Call) -> Result<Option<i64>, Error> {
        let told = call.run(self.connection().health()).await;
        let health = told.map_err(|ended| Error::new(&Verb::Read.at("sys/health"), why(ended, None)))?;
        Ok(health.and_then(|health| health.server_time_utc))
    }
}

impl Connection {
    /// Asks Vault how it is, where an answer may mean that it is not at work.
    pub(super) async fn state(&self, cause: Cause) -> Cause {
        let Cause::Overloaded { code: 503, .. } = cause else { return cause };
        let address = || self.settings.address.origin();
        match self.health().await {
            Some(Health { initialized: false, .. }) => Cause::NotInitialized { address: address() },
            Some(Health { sealed: true, .. }) => Cause::Sealed { address: address() },
            // It waits for an active node that it could send the request on to.
            Some(Health { standby: true, .. }) => Cause::Standby { address: address(), code: 503 },
            _ => cause,
        }
    }

    async fn health(&self) -> Option<Health> {
        self.ask_health().await.ok().flatten()
    }

    /// `None` where the answer is not Vault's own.
    async fn ask_health(&self) -> Result<Option<Health>, Cause> {
        let ask = async {
            let ready = self.ready().await?;
            let url = ready.url("sys/health")?;
            let (_, _, body) = self.exchange(ready.request(Method::GET, &url), &url).await?;
            Ok(Health::read(body.expose()))
        };
        let silent = || Cause::Unreachable { address: self.settings.address.origin(), reason: Unreachable::TimedOut };
        tokio::time::timeout(EXPLANATION, ask).await.unwrap_or_else(|_| Err(silent()))
    }

    /// A Vault without namespaces ignores the header and would act in its root: that is an error, and nothing is sent before
    /// it is known. `OpenBao`, which has them, does not say `enterprise` at all.
    pub(super) async fn has_namespaces(&self, namespace: &str) -> Result<(), Cause> {
        let known = self.namespaces.get_or_try_init(|| async {
            let health = self.ask_health().await?;
            Ok::<_, Cause>(health.is_none_or(|health| health.enterprise != Some(false)))
        });
        if *known.await? {
            return Ok(());
        }
        Err(Cause::NoNamespaces { address: self.settings.address.origin(), namespace: namespace.to_owned() })
    }

    /// Is this token one that Vault knows? A token without the policy `default` may not look at itself; what `vault` itself
    /// asks for the mounts of a user answers every valid token.
    pub(super) async fn knows(&self, token: &SecretText, namespace: Option<&str>) -> bool {
        for path in ["auth/token/lookup-self", "sys/internal/ui/mounts"] {
            let look = Verb::Read.at(path);
            let what = What::plain(&look, Verb::Read, None).within(namespace);
            let answer = tokio::time::timeout(EXPLANATION, self.once(what, Some(token))).await;
            if !matches!(answer, Ok(Err(Cause::PermissionDenied { .. }))) {
                return true;
            }
        }
        false
    }
}
