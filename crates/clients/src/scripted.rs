//! For tests: a server on loopback that answers from a script and keeps what it was asked.

#![allow(clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// One scripted answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status and a body.
    With(u16, String),
    /// The same with a `Retry-After` of so many seconds.
    Later(u16, u64),
    /// A status and the place that it points to.
    To(u16, String),
    /// A status and a body after so many milliseconds.
    Slow(u64, u16, String),
    /// A status and a body that begins so, is so many MiB long, and is sent as fast as it is read.
    Giant(u16, &'static str, usize),
    /// No answer: the connection is closed in the middle of the request.
    Hangup,
    /// No answer, ever.
    Silence,
    /// The answer to the next request whose path holds this: for requests that are sent at the same time.
    About(&'static str, Box<Reply>),
}

/// Takes the answer to a request out of the script.
fn next(script: &mut VecDeque<Reply>, path: &str) -> Option<Reply> {
    let fits = |reply: &Reply| !matches!(reply, Reply::About(about, _) if !path.contains(about));
    let reply = script.iter().position(fits).and_then(|at| script.remove(at))?;
    Some(if let Reply::About(_, reply) = reply { *reply } else { reply })
}

/// What was asked: method and path with query, content type, body, HTTP version.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) content_type: String,
    pub(crate) accept: String,
    pub(crate) authorization: String,
    pub(crate) body: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
}

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Asked>>>,
    script: Arc<Mutex<VecDeque<Reply>>>,
    /// The certificate, PEM, where it speaks TLS.
    pub(crate) certificate: Option<String>,
}

impl Server {
    /// Plain HTTP.
    pub(crate) async fn plain(script: Vec<Reply>) -> Self {
        Self::start(script, None).await
    }

    /// TLS with a certificate for `name`, HTTP/2 offered.
    pub(crate) async fn tls(name: &str, script: Vec<Reply>) -> Self {
        Self::start(script, Some(name)).await
    }

    async fn start(script: Vec<Reply>, name: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, certificate) = name.map(acceptor).unzip();
        let (asked, connections) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        let server = Self {
            address,
            connections: Arc::clone(&connections),
            asked: Arc::clone(&asked),
            script: Arc::clone(&script),
            certificate,
        };
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

    /// One more answer, for a script that needs the server's own address.
    pub(crate) fn then(&self, reply: Reply) {
        self.script.lock().unwrap().push_back(reply);
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and path of what was asked so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// `http://127.0.0.1:port`, or with TLS.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
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

fn whole(body: String) -> BoxBody<Bytes, Infallible> {
    BoxBody::new(Full::new(Bytes::from(body)))
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
                headers: head.headers.clone(),
            });
            // A script that is at its end says so in a status that nothing retries and no test expects.
            let reply = next(&mut script.lock().unwrap(), head.uri.path());
            let reply = reply.unwrap_or_else(|| Reply::With(418, "script ended".into()));
            let answer = |code: u16| Response::builder().status(code);
            match reply {
                Reply::With(code, body) => Ok(answer(code).body(whole(body)).unwrap()),
                Reply::Giant(code, begin, size) => {
                    let part = Bytes::from(vec![b'x'; 1 << 20]);
                    let parts = std::iter::once(Bytes::from(begin)).chain(std::iter::repeat_n(part, size));
                    let frames = futures::stream::iter(parts.map(|part| Ok::<_, Infallible>(Frame::data(part))));
                    Ok(answer(code).body(BoxBody::new(StreamBody::new(frames))).unwrap())
                }
                Reply::Later(code, seconds) => {
                    Ok(answer(code).header("retry-after", seconds).body(whole(String::new())).unwrap())
                }
                Reply::To(code, place) => {
                    Ok(answer(code).header("location", place).body(whole(String::new())).unwrap())
                }
                Reply::Slow(time, code, body) => {
                    tokio::time::sleep(Duration::from_millis(time)).await;
                    Ok(answer(code).body(whole(body)).unwrap())
                }
                Reply::Hangup => Err("hang up"),
                Reply::About(..) | Reply::Silence => std::future::pending().await,
            }
        }
    });
    // The error is the script's own: a client that hung up, or a reply that says to.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
