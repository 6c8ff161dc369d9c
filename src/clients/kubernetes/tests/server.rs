//! A server on loopback that answers from a script and keeps what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::super::Settings;

/// One scripted answer.
#[derive(Clone)]
pub(super) enum Reply {
    /// A status and a body.
    With(u16, String),
    /// The same with a `Retry-After` of so many seconds.
    Later(u16, u64),
    /// No answer: the connection is closed in the middle of the request.
    Hangup,
    /// No answer, ever.
    Silence,
}

/// What was asked: method and path with query, content type, body, HTTP version.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) content_type: String,
    pub(super) accept: String,
    pub(super) authorization: String,
    pub(super) body: String,
    pub(super) version: Version,
}

/// A running server; it ends with the test's runtime.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) connections: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// The certificate, PEM, where it speaks TLS.
    certificate: Option<String>,
}

impl Server {
    /// Plain HTTP.
    pub(super) async fn plain(script: Vec<Reply>) -> Self {
        Self::start(script, None).await
    }

    /// TLS with a certificate for `name`, HTTP/2 offered.
    pub(super) async fn tls(name: &str, script: Vec<Reply>) -> Self {
        Self::start(script, Some(name)).await
    }

    async fn start(script: Vec<Reply>, name: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, certificate) = name.map(acceptor).unzip();
        let (asked, connections) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
        let server = Self { address, connections: Arc::clone(&connections), asked: Arc::clone(&asked), certificate };
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (acceptor, script, asked) = (acceptor.clone(), Arc::clone(&script), Arc::clone(&asked));
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(tcp, script, asked).await,
                        Some(acceptor) => {
                            if let Ok(tls) = acceptor.accept(tcp).await {
                                serve(tls, script, asked).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// What was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and path of what was asked so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// Settings that reach this server.
    pub(super) fn settings(&self) -> Settings {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        Settings {
            host: Some(format!("{scheme}://{}", self.address)),
            cluster_ca_certificate: self.certificate.clone(),
            token: Some("tok-canary".into()),
            ..Settings::default()
        }
    }
}

fn acceptor(name: &str) -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

async fn serve<S>(stream: S, script: Arc<Mutex<VecDeque<Reply>>>, asked: Arc<Mutex<Vec<Asked>>>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (script, asked) = (Arc::clone(&script), Arc::clone(&asked));
        async move {
            let (head, body) = request.into_parts();
            let header = |name: &str| head.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
            let body = body.collect().await.unwrap().to_bytes();
            asked.lock().unwrap().push(Asked {
                line: format!("{} {}", head.method, head.uri.path_and_query().unwrap()),
                content_type: header("content-type"),
                accept: header("accept"),
                authorization: header("authorization"),
                body: String::from_utf8(body.to_vec()).unwrap(),
                version: head.version,
            });
            // A script that is at its end says so in a status that nothing retries and no test expects.
            let reply = script.lock().unwrap().pop_front().unwrap_or(Reply::With(418, "script ended".into()));
            let answer = |code: u16| Response::builder().status(code);
            match reply {
                Reply::With(code, body) => Ok(answer(code).body(Full::new(Bytes::from(body))).unwrap()),
                Reply::Later(code, seconds) => {
                    Ok(answer(code).header("retry-after", seconds).body(Full::default()).unwrap())
                }
                Reply::Hangup => Err("hang up"),
                Reply::Silence => std::future::pending().await,
            }
        }
    });
    // The error is the script's own: a client that hung up, or a reply that says to.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
