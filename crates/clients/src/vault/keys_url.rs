//! A URL from which Vault could not fetch keys, tried from here: Vault keeps the cause in its own log.

use std::sync::PoisonError;
use std::time::Duration;

use reqwest::redirect::{Action, Attempt, Policy};
use serde::Deserialize;
use tazlab_jwk::{Jwks, JwksError};
use thiserror::Error;

use super::Call;
use super::certificate::{Refused, tls};
use super::connection::{Unread, read};
use super::presented::Presented;
use super::settings::Settings;
use super::transport::http;
use crate::address::{Address, is_loopback, without_credentials};
use crate::limit::TooLarge;
use crate::reach::Unreachable;

/// How long the try may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How many redirects are followed.
const REDIRECTS: usize = 10;

/// How much of what a server calls itself is repeated, in characters.
const QUOTED: usize = 200;

/// What is wrong with the URL, seen from here.
#[derive(Debug, Error)]
pub enum UrlProblem {
    /// No connection, or no answer on it.
    #[error("from here the server cannot be reached: {0}")]
    Unreachable(Unreachable),
    /// The certificate is not signed by an authority that is trusted.
    #[error(
        "the server's certificate is not signed by an authority that is trusted: {}",
        .0.as_ref().map_or_else(|| "it could not be read".to_owned(), ToString::to_string)
    )]
    UnknownAuthority(Option<Presented>),
    /// The certificate is for other names.
    #[error("the server's certificate is for other names: {}", .0.join(", "))]
    WrongName(Vec<String>),
    /// Nobody may ask without a credential.
    #[error(
        "the server answers {0} to a request without credentials, and Vault has none to show: anonymous access is off there (as on Talos)"
    )]
    Anonymous(u16),
    /// Another answer that is no success.
    #[error("the server answers {0}")]
    Status(u16),
    /// What it answers holds no keys.
    #[error("the server answers, but not with keys: {0}")]
    NotKeys(JwksError),
    /// What it answers is no discovery document.
    #[error("the server answers, but not with a discovery document: that has an issuer and a jwks_uri")]
    NotDiscovery,
    /// The document is another issuer's.
    #[error("the document has the issuer {0:?}, and Vault accepts only the exact issuer that it requested")]
    OtherIssuer(String),
    /// The document is right, and the keys that it names cannot be had.
    #[error("the document names {url} for the keys, and there {problem}")]
    Keys {
        /// Where the keys should be.
        url: String,
        /// Why they are not.
        problem: Box<UrlProblem>,
    },
    /// The answer is larger than keys can be.
    #[error("the server answers, and {0}")]
    TooLarge(TooLarge),
    /// The authority is no PEM, or the URL none.
    #[error("{0}")]
    Settings(String),
    /// Nothing is wrong with it from here.
    #[error(
        "from here the keys can be fetched, so it is Vault that does not reach the server: its DNS, its routes, or a firewall"
    )]
    NoneHere,
}

/// Fetches keys from `url` as Vault would: without credentials, trusting `ca_pem` or else the system.
pub async fn try_keys_url(call: &Call, url: &str, ca_pem: Option<&str>) -> UrlProblem {
    let attempt = async { Fetcher::trusting(ca_pem)?.keys(url).await };
    attempt_within(call, attempt).await
}

/// Fetches the discovery document of `issuer`, and the keys that it names, as Vault would.
pub async fn try_discovery_url(call: &Call, issuer: &str, ca_pem: Option<&str>) -> UrlProblem {
    #[derive(Deserialize)]
    struct Document {
        issuer: String,
        jwks_uri: String,
    }
    let attempt = async {
        let fetcher = Fetcher::trusting(ca_pem)?;
        let text = fetcher.get(&discovery_url(issuer)).await?;
        let Document { issuer: named, jwks_uri } = serde_json::from_str(&text).map_err(|_| UrlProblem::NotDiscovery)?;
        if named != issuer {
            return Err(UrlProblem::OtherIssuer(named.chars().take(QUOTED).collect()));
        }
        let keys = fetcher.keys(&jwks_uri).await;
        keys.map_err(|problem| UrlProblem::Keys { url: without_credentials(&jwks_uri), problem: Box::new(problem) })
    };
    attempt_within(call, attempt).await
}

/// Where an issuer has its discovery document (`OpenID` Connect Discovery 1.0, section 4).
#[must_use]
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

async fn attempt_within(call: &Call, attempt: impl Future<Output = Result<(), UrlProblem>>) -> UrlProblem {
    match call.within(LIMIT).run(attempt).await {
        Ok(Ok(())) => UrlProblem::NoneHere,
        Ok(Err(problem)) => problem,
        Err(_) => UrlProblem::Unreachable(Unreachable::TimedOut),
    }
}

/// Redirects are followed as Vault follows them, but none from elsewhere to this machine: the proxy of the way there would be asked
/// for it.
fn followed(attempt: Attempt<'_>) -> Action {
    let came_from_here = attempt.previous().last().is_some_and(is_loopback);
    if attempt.previous().len() > REDIRECTS || (is_loopback(attempt.url()) && !came_from_here) {
        attempt.stop()
    } else {
        attempt.follow()
    }
}

/// What fetches as Vault would.
struct Fetcher {
    /// For servers on this machine, for which no proxy is asked.
    direct: reqwest::Client,
    usual: reqwest::Client,
    refused: Refused,
}

impl Fetcher {
    fn trusting(ca_pem: Option<&str>) -> Result<Self, UrlProblem> {
        let settings = Settings { ca_cert_pem: ca_pem.map(ToOwned::to_owned), ..Settings::default() };
        let refused = Refused::default();
        let unusable = |cause| UrlProblem::Settings(format!("the authority cannot be used: {cause}"));
        let tls = tls(&settings, &refused).map_err(unusable)?;
        let client = |is_local| http(tls.clone(), None, Policy::custom(followed), is_local).map_err(unusable);
        Ok(Self { direct: client(true)?, usual: client(false)?, refused })
    }

    async fn keys(&self, url: &str) -> Result<(), UrlProblem> {
        match Jwks::parse(&self.get(url).await?) {
            Ok(set) if set.keys.is_empty() => Err(UrlProblem::NotKeys(JwksError::NoKeys { skipped: set.skipped })),
            Ok(_) => Ok(()),
            Err(error) => Err(UrlProblem::NotKeys(error)),
        }
    }

    async fn get(&self, url: &str) -> Result<String, UrlProblem> {
        let fetch = async {
            let client = if Address::from(url).is_loopback() { &self.direct } else { &self.usual };
            let answer = client.get(url).send().await.map_err(Unread::Broken)?;
            let status = answer.status().as_u16();
            let body = read(answer).await?;
            Ok((status, String::from_utf8_lossy(body.expose()).into_owned()))
        };
        match fetch.await {
            Ok((200..=299, text)) => Ok(text),
            Ok((code @ (401 | 403), _)) => Err(UrlProblem::Anonymous(code)),
            Ok((code, _)) => Err(UrlProblem::Status(code)),
            Err(Unread::TooLarge(limit)) => Err(UrlProblem::TooLarge(limit)),
            Err(Unread::Broken(error)) => Err(match Unreachable::from_chain(&error) {
                Unreachable::UnknownAuthority => {
                    UrlProblem::UnknownAuthority(self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone())
                }
                Unreachable::WrongName { names } => UrlProblem::WrongName(names),
                reason => UrlProblem::Unreachable(reason),
            }),
        }
    }
}
