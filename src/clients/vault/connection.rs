//! The connection to one Vault: one reqwest client, which vaultrs uses too, made with the first call.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderValue;
use reqwest::redirect::{Attempt, Policy};
use tokio::sync::{Mutex, OnceCell};
use vaultrs::api::EndpointMiddleware;
use vaultrs::client::{VaultClient, VaultClientSettings};

use super::certificate::{self, Refused};
use super::error::Cause;
use super::settings::Settings;
use crate::clients::reach::{DnsFailure, Unreachable};
use crate::redacted::SecretText;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How often a request may be sent on: a standby node names the active one.
const REDIRECTS: usize = 3;

/// The settings, and what is made of them with the first call.
pub(super) struct Connection {
    pub(super) settings: Settings,
    ready: OnceCell<Ready>,
    refused: Refused,
    /// The first request connects alone: before the first handshake nobody knows that the server speaks HTTP/2, and each
    /// request would open a connection of its own.
    opened: AtomicBool,
    opening: Mutex<()>,
    /// Does this Vault know namespaces? Asked when the first one is named.
    pub(super) namespaces: OnceCell<bool>,
}

/// What requests are made with.
pub(super) struct Ready {
    pub(super) http: reqwest::Client,
    /// The address that is dialled: with `tls_server_name` for its host, where that is set.
    base: Url,
}

impl Connection {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            ready: OnceCell::new(),
            refused: Refused::default(),
            opened: AtomicBool::new(false),
            opening: Mutex::new(()),
            namespaces: OnceCell::new(),
        }
    }

    pub(super) async fn ready(&self) -> Result<&Ready, Cause> {
        self.ready
            .get_or_try_init(|| async {
                let (settings, refused) = (self.settings.clone(), Arc::clone(&self.refused));
                // The system's authorities are read from files.
                let made = tokio::task::spawn_blocking(move || make(&settings, &refused));
                made.await.map_err(|_| Cause::Request { problem: "the connection could not be set up".to_owned() })?
            })
            .await
    }

    /// Does `exchange`, the first time alone.
    pub(super) async fn exchange<T, E>(&self, exchange: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        if self.opened.load(Ordering::Acquire) {
            return exchange.await;
        }
        let first = self.opening.lock().await;
        if self.opened.load(Ordering::Acquire) {
            drop(first);
            return exchange.await;
        }
        let done = exchange.await;
        self.opened.store(done.is_ok(), Ordering::Release);
        done
    }

    /// vaultrs on the same connection.
    pub(super) async fn vaultrs(
        &self,
        namespace: Option<&str>,
        token: Option<&SecretText>,
    ) -> Result<VaultClient, Cause> {
        let Ready { http, base } = self.ready().await?;
        if let Some(namespace) = namespace {
            self.has_namespaces(namespace).await?;
        }
        // vaultrs panics on a token that is no header.
        token.map(sendable).transpose()?;
        let token = token.map(|token| token.expose().clone()).unwrap_or_default();
        let namespace = namespace.map(ToOwned::to_owned);
        Ok(VaultClient {
            http: rustify::clients::reqwest::Client::new(base.as_str().trim_end_matches('/'), http.clone()),
            middle: EndpointMiddleware {
                token: token.clone(),
                version: "v1".to_owned(),
                wrap: None,
                namespace: namespace.clone(),
            },
            settings: VaultClientSettings {
                address: base.clone(),
                ca_certs: Vec::new(),
                identity: None,
                timeout: None,
                token,
                verify: true,
                version: 1,
                wrapping: false,
                namespace,
                proxy: None,
            },
        })
    }

    /// Why no answer came.
    pub(super) fn unreachable(&self, error: &(dyn std::error::Error + 'static)) -> Cause {
        let address = self.settings.address.clone();
        match Unreachable::from_chain(error) {
            Unreachable::UnknownAuthority => {
                let presented = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Cause::UnknownAuthority { address, presented }
            }
            Unreachable::WrongName { names } => Cause::WrongName { address, names },
            reason => Cause::Unreachable { address, reason },
        }
    }
}

impl Ready {
    /// The URL of a path below `/v1/`.
    pub(super) fn url(&self, path: &str) -> Result<Url, Cause> {
        let base = self.base.as_str().trim_end_matches('/');
        format!("{base}/v1/{path}").parse().map_err(|_| Cause::Request { problem: format!("{path} is no path") })
    }
}

/// The token as a header, marked so that nothing prints it.
pub(super) fn sendable(token: &SecretText) -> Result<HeaderValue, Cause> {
    let mut header = HeaderValue::from_str(token.expose()).map_err(|_| Cause::InvalidSetting {
        setting: "token",
        problem: "it has characters that no token has, such as a line break".to_owned(),
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// A client that trusts and resolves as these settings want it.
pub(super) fn http(
    settings: &Settings,
    refused: &Refused,
    alias: Option<(String, String)>,
    redirects: Policy,
) -> Result<reqwest::Client, Cause> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(certificate::tls(settings, refused)?)
        .dns_resolver(Arc::new(Resolver { alias }))
        .redirect(redirects)
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .user_agent(concat!("terraform-provider-tazlab/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Cause::Request { problem: error.to_string() })
}

fn make(settings: &Settings, refused: &Refused) -> Result<Ready, Cause> {
    let bad = |setting, problem: &str| Cause::InvalidSetting { setting, problem: problem.to_owned() };
    let mut base: Url = settings.address.parse().map_err(|_| bad("address", "it is no URL"))?;
    let host = base.host_str().ok_or_else(|| bad("address", "it names no host"))?.to_owned();
    let mut alias = None;
    if let Some(name) = &settings.tls_server_name {
        // reqwest takes the name that it checks from the URL: the URL gets the name, and the name leads to the host.
        let named = base.set_host(Some(name)).is_ok() && base.domain().is_some();
        if !named {
            return Err(bad("tls_server_name", "it is no DNS name"));
        }
        alias = Some((name.to_ascii_lowercase(), host.trim_matches(['[', ']']).to_owned()));
    }
    let http = http(settings, refused, alias, Policy::custom(follow))?;
    Ok(Ready { http, base })
}

/// A standby node sends the request on to the active one, with method and body (307). Other redirects are not followed:
/// they make a read of a write. Never from TLS to none, since the token goes along.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let keeps_method = matches!(attempt.status().as_u16(), 307 | 308);
    let was_safe = attempt.previous().first().is_some_and(|url| url.scheme() == "https");
    let loses_tls = was_safe && attempt.url().scheme() != "https";
    if !keeps_method || loses_tls || attempt.previous().len() > REDIRECTS {
        return attempt.stop();
    }
    attempt.follow()
}

/// The system's resolver, whose failures can be told from others, and which knows one more name.
struct Resolver {
    alias: Option<(String, String)>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let asked = name.as_str().to_ascii_lowercase();
        let known = self.alias.as_ref().filter(|(alias, _)| *alias == asked).map(|(_, host)| host.clone());
        let host = known.unwrap_or(asked);
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await.map_err(DnsFailure)?;
            let found: Vec<_> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
