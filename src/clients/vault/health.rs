//! What Vault says of itself: the questions that tell what a refusal means.

use std::time::Duration;

use serde::Deserialize;

use super::Client;
use super::connection::Connection;
use super::error::{Cause, Error};
use super::send::{Verb, What, why};
use crate::clients::call::Call;
use crate::redacted::SecretText;

/// How long the question after the cause of a refusal may take.
const EXPLANATION: Duration = Duration::from_secs(2);

/// What a Vault says of itself to everybody.
#[derive(Deserialize)]
struct Health {
    initialized: bool,
    sealed: bool,
    enterprise: Option<bool>,
    server_time_utc: Option<i64>,
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
        let address = || self.settings.address.clone();
        match self.health().await {
            Some(Health { initialized: false, .. }) => Cause::NotInitialized { address: address() },
            Some(Health { sealed: true, .. }) => Cause::Sealed { address: address() },
            _ => cause,
        }
    }

    async fn health(&self) -> Option<Health> {
        let ask = async {
            let ready = self.ready().await.ok()?;
            let answer = ready.http.get(ready.url("sys/health").ok()?).send().await.ok()?;
            serde_json::from_slice(&answer.bytes().await.ok()?).ok()
        };
        tokio::time::timeout(EXPLANATION, ask).await.ok()?
    }

    /// A Vault without namespaces ignores the header and would act in its root: that is an error.
    /// `OpenBao`, which has them, does not say `enterprise` at all.
    pub(super) async fn has_namespaces(&self, namespace: &str) -> Result<(), Cause> {
        let known = self.namespaces.get_or_try_init(|| async {
            Ok::<_, Cause>(self.health().await.is_none_or(|health| health.enterprise != Some(false)))
        });
        if *known.await? {
            return Ok(());
        }
        Err(Cause::NoNamespaces { address: self.settings.address.clone(), namespace: namespace.to_owned() })
    }

    /// Is this token one that Vault knows?
    pub(super) async fn knows(&self, token: &SecretText, namespace: Option<&str>) -> bool {
        let look = Verb::Read.at("auth/token/lookup-self");
        let what = What::plain(&look, Verb::Read, None).within(namespace);
        let answer = tokio::time::timeout(EXPLANATION, self.once(what, Some(token))).await;
        !matches!(answer, Ok(Err(Cause::PermissionDenied { .. })))
    }
}
