//! A URL from which Vault could not fetch keys, tried from here: Vault keeps the cause in its own log.

use std::sync::PoisonError;
use std::time::Duration;

use thiserror::Error;

use super::Call;
use super::certificate::{Presented, Refused};
use super::connection::http;
use super::settings::Settings;
use crate::clients::reach::Unreachable;
use crate::jwk::{Jwks, JwksError};

/// How long the try may take.
const LIMIT: Duration = Duration::from_secs(5);

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
    let settings = Settings { ca_cert_pem: ca_pem.map(ToOwned::to_owned), ..Settings::default() };
    let refused = Refused::default();
    let client = match http(&settings, &refused, None) {
        Ok(client) => client,
        Err(cause) => return UrlProblem::Settings(format!("the authority cannot be used: {cause}")),
    };
    let fetch = async {
        let answer = client.get(url).send().await?;
        let status = answer.status().as_u16();
        Ok::<_, reqwest::Error>((status, answer.text().await?))
    };
    let Ok(fetched) = call.within(LIMIT).run(fetch).await else {
        return UrlProblem::Unreachable(Unreachable::TimedOut);
    };
    match fetched {
        Ok((200..=299, text)) => match Jwks::parse(&text) {
            Ok(set) if set.keys.is_empty() => UrlProblem::NotKeys(JwksError::NoKeys { skipped: set.skipped }),
            Ok(_) => UrlProblem::NoneHere,
            Err(error) => UrlProblem::NotKeys(error),
        },
        Ok((code @ (401 | 403), _)) => UrlProblem::Anonymous(code),
        Ok((code, _)) => UrlProblem::Status(code),
        Err(error) => match Unreachable::from_chain(&error) {
            Unreachable::UnknownAuthority => {
                UrlProblem::UnknownAuthority(refused.lock().unwrap_or_else(PoisonError::into_inner).clone())
            }
            Unreachable::WrongName { names } => UrlProblem::WrongName(names),
            reason => UrlProblem::Unreachable(reason),
        },
    }
}
