//! The HTTP clients that the settings ask for: what they trust, which names they resolve, by which proxy they go.
//! When they are made and what is sent with them is not decided here.

use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Url};
use tazlab_redacted::SecretText;

use super::certificate::{self, Refused};
use super::error::Cause;
use super::settings::Settings;
use crate::address::{Address, is_loopback, origin};
use crate::resolve::resolve;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(10);

/// What requests are made with.
pub(super) struct Ready {
    /// For servers on this machine: a proxy would be shown the token, and could invent what Vault says.
    direct: reqwest::Client,
    /// For all others; by the proxy of the environment, where that names one.
    usual: reqwest::Client,
    /// The address that is dialled: with `tls_server_name` for its host, where that is set.
    pub(super) base: Url,
    /// The address as it was given.
    address: Address,
    /// Is the server on this machine? `tls_server_name` does not tell.
    is_local: bool,
    /// What goes with every request.
    headers: HeaderMap,
}

impl Ready {
    /// A request with the headers of the settings.
    pub(super) fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        self.client(url).request(method, url.clone()).headers(self.headers.clone())
    }

    /// The URL of a path below `/v1/`.
    pub(super) fn url(&self, path: &str) -> Result<Url, Cause> {
        let base = self.base.as_str().trim_end_matches('/');
        let no_path = || Cause::Request { problem: format!("{path} is not a path of Vault's API") };
        let url: Url = format!("{base}/v1/{path}").parse().map_err(|_| no_path())?;
        // A `..` in a name would lead to another object, of whatever kind.
        if url.path().ends_with(&format!("/v1/{path}")) { Ok(url) } else { Err(no_path()) }
    }

    /// What a request to this URL is made with.
    fn client(&self, url: &Url) -> &reqwest::Client {
        let own = self.base.origin() == url.origin();
        if is_loopback(url) || (own && self.is_local) { &self.direct } else { &self.usual }
    }

    /// Does this URL lead to the configured server? Then it is made one that can be dialled.
    pub(super) fn is_own(&self, url: &mut Url) -> bool {
        let own = url.origin() == self.base.origin() || origin(url) == self.address.origin();
        if own {
            // Taken from a URL with a host, they fit another one.
            let _ = url.set_host(self.base.host_str());
            let _ = url.set_username(self.base.username());
            let _ = url.set_password(self.base.password());
        }
        own
    }
}

/// The clients that these settings ask for. It blocks.
pub(super) fn make(settings: &Settings, refused: &Refused) -> Result<Ready, Cause> {
    let bad = |setting, problem: &str| Cause::InvalidSetting { setting, problem: problem.to_owned() };
    let mut base: Url = settings.address.expose().parse().map_err(|_| bad("address", "it is not a URL"))?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(bad("address", "it must begin with https:// or http://"));
    }
    let host = base.host_str().ok_or_else(|| bad("address", "it has no host"))?.to_owned();
    let mut alias = None;
    if let Some(name) = settings.tls_server_name.as_ref().filter(|_| base.scheme() == "https") {
        // reqwest takes the name that it checks from the URL: the URL gets the name, and the name leads to the host.
        let named = base.set_host(Some(name)).is_ok() && base.domain().is_some();
        if !named {
            return Err(bad("tls_server_name", "it is not a DNS name"));
        }
        alias = Some((name.to_ascii_lowercase(), host.trim_matches(['[', ']']).to_owned()));
    }
    if settings.client_certificate.is_some() && base.scheme() != "https" {
        return Err(bad("address", "a client certificate is shown over TLS only: use an https:// address"));
    }
    let tls = certificate::tls(settings, refused)?;
    Ok(Ready {
        headers: headers(&settings.headers)?,
        direct: http(tls.clone(), alias.clone(), Policy::none(), true)?,
        usual: http(tls, alias, Policy::none(), false)?,
        base,
        address: settings.address.clone(),
        is_local: settings.address.is_loopback(),
    })
}

/// The headers, marked so that nothing prints them.
fn headers(settings: &[(String, SecretText)]) -> Result<HeaderMap, Cause> {
    let mut headers = HeaderMap::new();
    for (name, value) in settings {
        let invalid = |what: &str| Cause::InvalidSetting { setting: "headers", problem: format!("{name:?} {what}") };
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid("is not the name of a header"))?;
        let mut value = HeaderValue::from_str(value.expose())
            .map_err(|_| invalid("has a value that cannot be sent in a header"))?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
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

/// A client that trusts and resolves as these settings want it. Redirects are its caller's business, and so is whether a proxy
/// of the environment may be used.
pub(super) fn http(
    tls: rustls::ClientConfig,
    alias: Option<(String, String)>,
    redirects: Policy,
    is_local: bool,
) -> Result<reqwest::Client, Cause> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(Resolver { alias }))
        .redirect(redirects)
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .user_agent(concat!("terraform-provider-tazlab/", env!("CARGO_PKG_VERSION")));
    let builder = if is_local { builder.no_proxy() } else { builder };
    // The builder's own words may name a proxy with its password.
    let failed = |_| Cause::Request { problem: "the HTTP client could not be set up".to_owned() };
    builder.build().map_err(failed)
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
            let found = resolve(host).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
