//! A server of a test's own on this machine that answers as a closure says, and keeps all that it was told: the hostile party of an
//! experiment, or a harmless one for its control. HTTP/1.1, plain or with TLS.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// `GET`.
    pub method: String,
    /// What stands in the first line, query included: a path, or the whole URL at a proxy.
    pub target: String,
    /// All lines of the head.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Heard {
    /// A header; empty where it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        line.unwrap_or_default().trim()
    }

    /// Method and target.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The status.
    pub code: u16,
    /// More lines of the head.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Send the body without an end, until the client has enough of it.
    pub endless: bool,
}

impl Reply {
    /// A success with this JSON.
    #[must_use]
    pub fn json(body: &Value) -> Self {
        Self::of(200, &body.to_string())
    }

    /// A status and a body.
    #[must_use]
    pub fn of(code: u16, body: &str) -> Self {
        Self { code, body: body.to_owned(), ..Self::default() }
    }

    /// A redirect.
    #[must_use]
    pub fn to(code: u16, location: &str) -> Self {
        Self { headers: vec![("location".to_owned(), location.to_owned())], ..Self::of(code, "") }
    }

    /// This body again and again, without an end.
    #[must_use]
    pub fn endless(code: u16, piece: &str) -> Self {
        Self { endless: true, ..Self::of(code, piece) }
    }
}

type Answering = dyn Fn(&Heard) -> Reply + Send + Sync;

/// A running server; it ends with its value.
pub struct Web {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    authority: Option<String>,
    _runtime: Runtime,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Web {
    /// Plain HTTP.
    #[must_use]
    pub fn plain(answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        Self::start("127.0.0.1", None, Arc::new(answer))
    }

    /// TLS with a certificate for 127.0.0.1 and `localhost` that nobody knows.
    #[must_use]
    pub fn tls(answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        Self::tls_as("127.0.0.1", &["127.0.0.1", "localhost"], answer)
    }

    /// TLS at an address of this machine, with a certificate for these names that nobody knows.
    #[must_use]
    pub fn tls_as(host: &str, names: &[&str], answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        Self::start(host, Some((TlsAcceptor::from(Arc::new(config)), made.cert.pem())), Arc::new(answer))
    }

    fn start(host: &str, tls: Option<(TlsAcceptor, String)>, answer: Arc<Answering>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((host, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, authority) = tls.unzip();
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let journal = Arc::clone(&heard);
        runtime.spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, answer, journal) = (acceptor.clone(), Arc::clone(&answer), Arc::clone(&journal));
                tokio::spawn(async move {
                    match acceptor {
                        None => converse(tcp, &answer, &journal).await,
                        Some(acceptor) => {
                            if let Ok(tls) = acceptor.accept(tcp).await {
                                converse(tls, &answer, &journal).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heard, authority, _runtime: runtime }
    }

    /// `http://127.0.0.1:port`, or with TLS.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", if self.authority.is_some() { "https" } else { "http" }, self.address)
    }

    /// Host and port, `127.0.0.1:80`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Its certificate, PEM, where it speaks TLS.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// What it was told so far.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Method and target of what it was told so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.heard().iter().map(Heard::line).collect()
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answer: &Arc<Answering>,
    journal: &Mutex<Vec<Heard>>,
) {
    let mut buffer = Vec::new();
    while let Some(heard) = read(&mut stream, &mut buffer).await {
        journal.lock().unwrap().push(heard.clone());
        if write(&mut stream, &answer(&heard)).await.is_err() {
            return;
        }
    }
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, reply: &Reply) -> std::io::Result<()> {
    use std::fmt::Write as _;
    let mut head = format!("HTTP/1.1 {} .\r\n", reply.code);
    if !reply.headers.iter().any(|(name, _)| name == "content-type") {
        head.push_str("content-type: application/json\r\n");
    }
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if !reply.endless {
        let rest = format!("content-length: {}\r\n\r\n{}", reply.body.len(), reply.body);
        return stream.write_all((head + &rest).as_bytes()).await;
    }
    stream.write_all((head + "transfer-encoding: chunked\r\n\r\n").as_bytes()).await?;
    let piece = format!("{:x}\r\n{}\r\n", reply.body.len(), reply.body);
    loop {
        stream.write_all(piece.as_bytes()).await?;
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Option<Heard> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let mut request = Heard { head, ..Heard::default() };
            let length: usize = request.header("content-length").parse().unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                request.body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                buffer.drain(..end + 4 + length);
                let line = request.head.lines().next()?.to_owned();
                let mut words = line.split(' ');
                words.next()?.clone_into(&mut request.method);
                words.next()?.clone_into(&mut request.target);
                return Some(request);
            }
        }
        let mut part = vec![0; 16 * 1024];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        buffer.extend_from_slice(&part[..read]);
    }
}
