//! The connection to one API server: TLS with ring, HTTP/2 where the server offers it, proxies, credentials.
//!
//! kube's own stack offers HTTP/1.1 only, which costs one connection for each call in flight; so its layers
//! (address, credentials, headers) stand here on a connector of ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{Request, Response, Uri};
use hyper::rt::{Read, Write};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ClientBuilder, ConfigExt};
use rustls::ClientConfig;
use tokio::sync::Mutex;
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};

use super::authentication::{self, AuthenticationError};
use super::error::Cause;
use super::secrets::Sent;
use crate::authorities;
use crate::reach::ProxyFailure;
use crate::resolve::resolve;

/// How long one attempt to connect may take, TLS not included.
const CONNECT: Duration = Duration::from_secs(10);

/// Which versions of HTTP are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    /// HTTP/2 where the server has it.
    Any,
    /// HTTP/1.1 only: a connection that is to become a WebSocket.
    One,
}

/// A request was handed to the connection: what came before it is over, which is to have the credentials.
#[derive(Clone, Debug, Default)]
pub(super) struct Begun(Arc<AtomicBool>);

impl Begun {
    pub(super) fn is(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Builds the client, which notes the credentials that it sends. Opens no connection, and runs no credential plugin: what it
/// gives stands in the configuration.
pub(super) fn build(config: &kube::Config, versions: Versions, sent: &Sent) -> Result<kube::Client, Cause> {
    // The process's own choice of ring stands when it is made already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if config.root_cert.is_none() {
        authorities::check().map_err(|error| Cause::Request { problem: error.to_string() })?;
    }
    let tls = config.rustls_client_config().map_err(|error| of_kube(&error, config))?;
    let resolver =
        tower::service_fn(|name: Name| async move { resolve(name.as_str().to_owned()).await.map(Vec::into_iter) });
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    tcp.set_keepalive(Some(Duration::from_secs(30)));
    let unsupported = || Cause::InvalidSetting {
        setting: "proxy_url",
        problem: "its scheme must be http, https or socks5".to_owned(),
    };
    match config.proxy_url.clone() {
        None => over(secured(tcp, tls, config, versions)?, config, sent),
        Some(proxy) => match proxy.scheme_str() {
            Some("socks5") => {
                let tunnel = SocksV5::new(proxy, tcp).map_err(ProxyFailure::of);
                over(secured(tunnel, tls, config, versions)?, config, sent)
            }
            Some("http") => {
                let tunnel = tunnel(proxy, tcp)?.map_err(ProxyFailure::of);
                over(secured(tunnel, tls, config, versions)?, config, sent)
            }
            Some("https") => {
                let to_proxy = HttpsConnectorBuilder::new()
                    .with_tls_config(tls.clone())
                    .https_or_http()
                    .enable_http1()
                    .wrap_connector(tcp);
                let tunnel = tunnel(proxy, to_proxy)?.map_err(ProxyFailure::of);
                over(secured(tunnel, tls, config, versions)?, config, sent)
            }
            _ => Err(unsupported()),
        },
    }
}

fn tunnel<C>(proxy: Uri, connector: C) -> Result<Tunnel<C>, Cause> {
    use base64::Engine;
    let login = proxy.authority().and_then(|a| a.as_str().rsplit_once('@')).map(|(login, _)| login.to_owned());
    let tunnel = Tunnel::new(proxy, connector);
    let Some(login) = login else { return Ok(tunnel) };
    let encoded = base64::prelude::BASE64_STANDARD.encode(login);
    let mut header = http::HeaderValue::from_str(&format!("Basic {encoded}")).map_err(|_| Cause::InvalidSetting {
        setting: "proxy_url",
        problem: "its user name and password cannot be sent".to_owned(),
    })?;
    header.set_sensitive(true);
    Ok(tunnel.with_auth(header))
}

fn secured<C>(
    connector: C,
    tls: ClientConfig,
    config: &kube::Config,
    versions: Versions,
) -> Result<HttpsConnector<C>, Cause> {
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    let builder = match &config.tls_server_name {
        None => builder,
        Some(name) => {
            let name = name.clone().try_into().map_err(|_| Cause::InvalidSetting {
                setting: "tls_server_name",
                problem: "it is not a DNS name or an address".to_owned(),
            })?;
            builder.with_server_name_resolver(FixedServerNameResolver::new(name))
        }
    };
    let builder = builder.enable_http1();
    Ok(match versions {
        Versions::Any => builder.enable_http2().wrap_connector(connector),
        Versions::One => builder.wrap_connector(connector),
    })
}

fn over<C>(connector: C, config: &kube::Config, sent: &Sent) -> Result<kube::Client, Cause>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Send + Unpin + 'static,
    C::Future: Send + Unpin + 'static,
    C::Error: Into<BoxError>,
{
    let http: Http<C, Body> = Http::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(90))
        // A peer that is gone without a word is noticed in 30 s instead of never.
        .http2_keep_alive_interval(Some(Duration::from_secs(20)))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .build(connector);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer().map_err(|error| of_kube(&error, config))?)
        .layer(config.extra_headers_layer().map_err(|error| of_kube(&error, config))?)
        .map_err(BoxError::from)
        .service(first_alone(http, sent.clone()));
    Ok(ClientBuilder::new(service, config.default_namespace.clone()).build())
}

/// Lets the first request connect alone, so that the calls that come at the same time share its connection.
///
/// Before the first handshake nobody knows that the server speaks HTTP/2, and each call would open its own.
fn first_alone<C>(
    http: Http<C, Body>,
    sent: Sent,
) -> impl Service<
    Request<Body>,
    Response = Response<hyper::body::Incoming>,
    Error = hyper_util::client::legacy::Error,
    Future: Send,
> + Clone
+ Send
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Send + Unpin + 'static,
    C::Future: Send + Unpin + 'static,
    C::Error: Into<BoxError>,
{
    let opened = Arc::new((AtomicBool::new(false), Mutex::new(())));
    tower::service_fn(move |request: Request<Body>| {
        let (http, opened) = (http.clone(), Arc::clone(&opened));
        request.headers().get(AUTHORIZATION).into_iter().for_each(|header| sent.note(header));
        if let Some(Begun(begun)) = request.extensions().get() {
            begun.store(true, Ordering::Release);
        }
        async move {
            if !opened.0.load(Ordering::Acquire) {
                let first = opened.1.lock().await;
                if !opened.0.load(Ordering::Acquire) {
                    let answer = http.oneshot(request).await;
                    opened.0.store(answer.is_ok(), Ordering::Release);
                    return answer;
                }
                drop(first);
            }
            http.oneshot(request).await
        }
    })
}

/// The cause of a failure to make a client or to decorate a request with credentials.
pub(super) fn of_kube(error: &kube::Error, config: &kube::Config) -> Cause {
    match error {
        kube::Error::Auth(error) => authentication::of_kube(error, &config.auth_info).into(),
        kube::Error::InferKubeconfig(error) => authentication::of_certificate(error).into(),
        kube::Error::RustlsTls(_) => AuthenticationError::Unusable {
            what: "the client certificate or its key",
            problem: "TLS does not accept it",
        }
        .into(),
        _ => Cause::Request { problem: "the credentials or headers cannot be sent".to_owned() },
    }
}
