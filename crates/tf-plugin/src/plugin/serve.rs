//! Puts it together: listens, says where, serves until the end.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

use super::connection::Connection;
use super::listen::Listener;
#[cfg(target_os = "linux")]
use super::memory;
use super::services::Services;
use super::tls::MutualTls;
use super::{Environment, PluginError, Served, reattach};
#[cfg(unix)]
use super::{children, watch};
use crate::wire::go_plugin::grpc_broker_server::GrpcBrokerServer;
use crate::wire::go_plugin::grpc_controller_server::GrpcControllerServer;
use crate::wire::go_plugin::grpc_stdio_server::GrpcStdioServer;
use crate::wire::tfplugin6::provider_server::ProviderServer;

/// The largest message, as in Go's servers. State of a big resource passes tonic's own limit of 4 MiB.
const MESSAGE_LIMIT: usize = 256 << 20;

/// How long calls in flight may take to end after the end was asked for; Terraform kills after 2 s.
const GRACE: Duration = Duration::from_millis(500);

/// How long the host may then take to give back what it holds.
const RETURN: Duration = Duration::from_millis(800);

/// Serves Terraform until it asks for the end.
///
/// # Errors
/// [`PluginError`] when the handshake is not possible.
pub async fn plugin(host: impl Served, environment: Environment) -> Result<(), PluginError> {
    environment.check()?;
    // An interrupt may reach us beside Terraform, which tells us what to do about it: leaving would lose state.
    #[cfg(unix)]
    let interrupts = ignored_interrupt()?;
    let end = CancellationToken::new();
    #[cfg(unix)]
    {
        #[cfg(target_os = "linux")]
        memory::keep();
        children::gather();
        watch::start(end.clone(), true)?;
    }
    let tls = environment.client_certificate.as_deref().map(MutualTls::new).transpose()?;
    let listener = Listener::bind(&environment)?;
    let certificate = tls.as_ref().map(|tls| tls.certificate.as_str());
    let line = environment.line(Listener::NETWORK, &listener.address(), certificate);
    let served = serve(host, listener, tls.map(|tls| TlsAcceptor::from(tls.config)), end);
    say(&line)?;
    let served = served.await;
    #[cfg(unix)]
    {
        drop(interrupts);
        children::end();
    }
    served
}

#[cfg(unix)]
fn ignored_interrupt() -> Result<tokio::signal::unix::Signal, PluginError> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::interrupt()).map_err(PluginError::Signals)
}

/// Serves any client that has the variable, under each of `addresses`, until interrupted. For debuggers: there is no TLS.
///
/// # Errors
/// [`PluginError`] when no socket is to be had.
pub async fn debug(host: impl Served, environment: Environment, addresses: &[&str]) -> Result<(), PluginError> {
    let end = CancellationToken::new();
    #[cfg(unix)]
    watch::start(end.clone(), false)?;
    let listener = Listener::bind(&environment)?;
    let variable = reattach::variable(addresses, Listener::NETWORK, &listener.address(), std::process::id());
    say(&format!(
        "Serving until interrupted. In another terminal:\n\n  export TF_REATTACH_PROVIDERS='{variable}'\n\n"
    ))?;
    tokio::spawn({
        let end = end.clone();
        async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                end.cancel();
            }
        }
    });
    serve(host, listener, None, end).await
}

fn say(text: &str) -> Result<(), PluginError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(PluginError::Handshake)
}

async fn serve(
    host: impl Served,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    end: CancellationToken,
) -> Result<(), PluginError> {
    let services = Services { end: end.clone() };
    let provider = ProviderServer::new(host.clone())
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("plugin", tonic_health::ServingStatus::Serving).await;
    let (accepted, connections) = mpsc::channel::<Accepted>(8);
    let accepting = tokio::spawn(accept(listener, tls, accepted, end.clone()));
    let serving = Server::builder()
        .add_service(provider)
        .add_service(health_service)
        .add_service(GrpcControllerServer::new(services.clone()))
        .add_service(GrpcBrokerServer::new(services.clone()))
        .add_service(GrpcStdioServer::new(services))
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), end.clone().cancelled_owned());
    let served = tokio::select! {
        served = serving => served.map_err(PluginError::Serve),
        () = async { end.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
    };
    drop(tokio::time::timeout(RETURN, host.end()).await);
    // Whatever ended the server, the socket's file goes with the listener.
    end.cancel();
    drop(accepting.await);
    served
}

/// Accepts until the end. Each TLS handshake is a task of its own: a client that stalls keeps nobody out.
async fn accept(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    accepted: mpsc::Sender<Accepted>,
    end: CancellationToken,
) {
    let tls = tls.map(Arc::new);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = end.cancelled() => return,
        };
        let Ok(stream) = stream else { continue };
        let (accepted, tls) = (accepted.clone(), tls.clone());
        tokio::spawn(async move {
            let connection = match tls {
                None => Connection(Either::Left(stream)),
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => Connection(Either::Right(Box::new(stream))),
                    Err(error) => return tracing::warn!("a client was refused: {error}"),
                },
            };
            drop(accepted.send(Ok(connection)).await);
        });
    }
}

#[cfg(unix)]
type Accepted = std::io::Result<Connection<tokio::net::UnixStream>>;
#[cfg(not(unix))]
type Accepted = std::io::Result<Connection<tokio::net::TcpStream>>;
