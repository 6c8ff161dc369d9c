//! Redirects of a standby node (307, 308): whom a request, and its token with it, may follow.
//!
//! The token is shown to the configured Vault only. Another origin is followed where it is the active node by the word of
//! `sys/leader`, asked over the configured connection, and only where that connection is verified.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::connection::Connection;
use super::distrust::Distrust;
use super::error::Cause;
use super::health::EXPLANATION;
use super::transport::Ready;
use super::words::Words;
use crate::address::{is_loopback, origin};

impl Connection {
    /// Where the request to `from` is sent a second time.
    pub(super) async fn followed(
        &self,
        ready: &Ready,
        from: &Url,
        headers: &HeaderMap,
        words: &Words,
    ) -> Result<Url, Cause> {
        let refused = |to: Option<&Url>, why| Cause::Redirected {
            address: self.settings.address.origin(),
            to: to.map_or_else(|| "nowhere".to_owned(), |to| words.origin(to)),
            why,
        };
        let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let to = location.and_then(|location| from.join(location).ok()).filter(Url::has_host);
        let Some(mut to) = to.filter(|to| matches!(to.scheme(), "http" | "https")) else {
            return Err(refused(None, Distrust::Nowhere));
        };
        // What stands there would become a login of its own.
        let _ = to.set_username("").and_then(|()| to.set_password(None));
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(refused(Some(&to), Distrust::LosesTls));
        }
        if ready.is_own(&mut to) {
            return Ok(to);
        }
        if to.scheme() != "https" && !is_loopback(&to) {
            return Err(refused(Some(&to), Distrust::InClear));
        }
        if !self.is_verified() {
            return Err(refused(Some(&to), Distrust::Unverified));
        }
        if self.known_leader().as_deref() == Some(&origin(&to)) {
            return Ok(to);
        }
        let leader = self.leader(ready).await;
        self.remember_leader(leader.as_deref());
        if leader.as_deref() == Some(&origin(&to)) {
            Ok(to)
        } else {
            let leader = leader.and_then(|leader| Url::parse(&leader).ok()).map(|leader| words.origin(&leader));
            Err(refused(Some(&to), Distrust::NotLeader { leader }))
        }
    }

    /// Did the server prove who it is? Nobody stands between us and this machine itself.
    fn is_verified(&self) -> bool {
        let settings = &self.settings;
        if settings.address.is_plain() { settings.address.is_loopback() } else { !settings.skip_tls_verify }
    }

    /// The origin of the active node, as the configured Vault names it; no token is shown for that.
    async fn leader(&self, ready: &Ready) -> Option<String> {
        #[derive(Deserialize)]
        struct Leader {
            leader_address: String,
        }
        let ask = async {
            let url = ready.url("sys/leader").ok()?;
            let (status, _, body) = self.exchange(ready.request(Method::GET, &url), &url).await.ok()?;
            // What else answers, a redirect above all, does not speak for Vault.
            if !status.is_success() {
                return None;
            }
            let Leader { leader_address } = serde_json::from_slice(body.expose()).ok()?;
            Url::parse(&leader_address).ok().filter(Url::has_host).map(|url| origin(&url))
        };
        tokio::time::timeout(EXPLANATION, ask).await.ok().flatten()
    }
}
