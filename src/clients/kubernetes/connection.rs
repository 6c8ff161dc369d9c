//! The connection to one API server: TLS with ring, HTTP/2 where the server offers it, proxies, credentials.
//!
//! kube's own stack offers HTTP/1.1 only, which costs one connection for each call in flight; so its layers
//! (address, credentials, headers) stand here on a connector of ours.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::rt::{Read, Write};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{AuthError, Body, ClientBuilder, ConfigExt};
use rustls::ClientConfig;
use tokio::sync::Mutex;
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};

use super::error::Cause;
use crate::clients::reach::DnsFailure;

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

/// Builds the client. Opens no connection; runs the credential plugin, where there is one.
pub(super) fn build(config: &kube::Config, versions: Versions) -> Result<kube::Client, Cause> {
    // The process's own choice of ring stands when it is made already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tls = config.rustls_client_config().map_err(|error| of_kube(error, config))?;
    let resolver = tower::service_fn(|name: Name| async move {
        let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(DnsFailure)?;
        Ok::<_, DnsFailure>(found.collect::<Vec<SocketAddr>>().into_iter())
    });
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    tcp.set_keepalive(Some(Duration::from_secs(30)));
    let unsupported = || Cause::InvalidSetting {
        setting: "proxy_url",
        problem: "its scheme is none of http, https, socks5".to_owned(),
    };
    match config.proxy_url.clone() {
        None => over(secured(tcp, tls, config, versions)?, config),
        Some(proxy) => match proxy.scheme_str() {
            Some("socks5") => over(secured(SocksV5::new(proxy, tcp), tls, config, versions)?, config),
            Some("http") => over(secured(tunnel(proxy, tcp)?, tls, config, versions)?, config),
            Some("https") => {
                let to_proxy = HttpsConnectorBuilder::new()
                    .with_tls_config(tls.clone())
                    .https_or_http()
                    .enable_http1()
                    .wrap_connector(tcp);
                over(secured(tunnel(proxy, to_proxy)?, tls, config, versions)?, config)
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
                problem: "it is no DNS name and no address".to_owned(),
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

fn over<C>(connector: C, config: &kube::Config) -> Result<kube::Client, Cause>
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
        .option_layer(config.auth_layer().map_err(|error| of_kube(error, config))?)
        .layer(config.extra_headers_layer().map_err(|error| of_kube(error, config))?)
        .map_err(BoxError::from)
        .service(first_alone(http));
    Ok(ClientBuilder::new(service, config.default_namespace.clone()).build())
}

/// Lets the first request connect alone, so that the calls that come at the same time share its connection.
///
/// Before the first handshake nobody knows that the server speaks HTTP/2, and each call would open its own.
fn first_alone<C>(
    http: Http<C, Body>,
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
pub(super) fn of_kube(error: kube::Error, config: &kube::Config) -> Cause {
    match error {
        kube::Error::Auth(error) => of_auth(error, config),
        kube::Error::Api(status) => match status.code {
            404 => Cause::NotFound,
            code => Cause::Api { code, message: status.message.clone() },
        },
        kube::Error::RustlsTls(_) => Cause::InvalidSetting {
            setting: "client_certificate",
            problem: "the certificates or the key cannot be used for TLS".to_owned(),
        },
        // The remaining ones concern the files of the kubeconfig; their texts name paths, never contents.
        kube::Error::InferKubeconfig(error) => {
            Cause::InvalidSetting { setting: "config_path", problem: error.to_string() }
        }
        _ => Cause::Request { problem: "the credentials or headers cannot be sent".to_owned() },
    }
}

fn of_auth(error: AuthError, config: &kube::Config) -> Cause {
    let exec = config.auth_info.exec.as_ref();
    let command = exec.and_then(|exec| exec.command.clone()).unwrap_or_default();
    let failed = |status: String, stderr: String| Cause::ExecFailed { command: command.clone(), status, stderr };
    match error {
        AuthError::AuthExecStart(error) => failed(format!("it cannot be started: {error}"), String::new()),
        AuthError::AuthExecRun { out, .. } => {
            let mut text = String::from_utf8_lossy(&out.stderr).into_owned();
            // What we gave it may come back in what it says; arguments and environment may be secret.
            let given = exec.and_then(|exec| exec.env.clone()).unwrap_or_default();
            for value in given.iter().filter_map(|variable| variable.get("value")).filter(|value| value.len() > 3) {
                text = text.replace(value.as_str(), "(redacted)");
            }
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            let last = lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join("\n");
            failed(out.status.to_string(), last)
        }
        AuthError::AuthExecParse(_) => failed("its output is no ExecCredential".to_owned(), String::new()),
        AuthError::ExecPluginFailed => failed("its output has no status".to_owned(), String::new()),
        AuthError::MissingCommand => failed("no command is set".to_owned(), String::new()),
        AuthError::ReadTokenFile(source, path) => Cause::KubeconfigUnreadable { path, source },
        AuthError::InvalidBearerToken(_) => {
            Cause::InvalidSetting { setting: "token", problem: "it cannot be sent in a header".to_owned() }
        }
        _ => Cause::Request { problem: "the credentials cannot be used".to_owned() },
    }
}
