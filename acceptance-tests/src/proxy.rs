//! A proxy before a server (the API server, a Vault), on 127.0.0.1, that can be absent, silent, slow, or cut what goes through it.
//! It harms nobody else's tests.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::Rng;

use crate::{Testbed, kubeconfig, lock};

/// Ports that systems do not give out by themselves.
const PORTS: std::ops::Range<u16> = 20_000..22_000;

/// What goes through, and how.
#[derive(Debug, Default)]
struct Shared {
    closed: AtomicBool,
    /// Connections are taken and nothing is answered.
    silent: AtomicBool,
    /// Bytes from the client after which all connections are cut; 0 for never.
    cut_after: AtomicUsize,
    sent: AtomicUsize,
    /// The byte of the server's answers at which all connections are cut; 0 for never.
    cut_at: AtomicUsize,
    answered: AtomicUsize,
    /// How long each piece from the client is held back, in milliseconds.
    latency: AtomicU64,
    taken: AtomicUsize,
    /// What clients say, where it is kept.
    heard: Option<Mutex<Vec<u8>>>,
    connections: Mutex<Vec<TcpStream>>,
}

/// A proxy; it ends with its value.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A port of 127.0.0.1 at which nothing listens (yet). It is below those that systems give out by themselves, and no other test
    /// gets it while this process lives: it is as free when it is used.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn free_port() -> u16 {
        let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok() && lock::takes_port(*port);
        let start = rand::rng().random_range(PORTS);
        let mut ports = (start..PORTS.end).chain(PORTS.start..start);
        ports.find(free).expect("a free port")
    }

    /// A proxy at a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// A proxy at this port.
    #[must_use]
    pub fn start_at(port: u16) -> Self {
        Self::between(port, kubeconfig::api_server(Testbed::get().kubeconfig()), false)
    }

    /// A proxy at a free port before another server, `127.0.0.1:port`.
    #[must_use]
    pub fn before(server: &str) -> Self {
        Self::between(0, server.to_owned(), false)
    }

    /// A proxy at a free port before a server that speaks HTTP/1.1 without TLS. It keeps a journal of the requests.
    #[must_use]
    pub fn listening(server: &str) -> Self {
        Self::between(0, server.to_owned(), true)
    }

    fn between(port: u16, server: String, listens: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = listener.local_addr().unwrap();
        let heard = listens.then(Mutex::default);
        let shared = Arc::new(Shared { heard, ..Shared::default() });
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ours.closed.load(Ordering::SeqCst) {
                    break;
                }
                ours.taken.fetch_add(1, Ordering::SeqCst);
                pass(&ours, client, &server);
            }
        });
        Self { address, shared }
    }

    /// `https://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// From now on connections are taken and nothing is answered.
    pub fn fall_silent(&self) {
        self.shared.silent.store(true, Ordering::SeqCst);
        self.cut();
    }

    /// Are connections taken and nothing answered?
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.shared.silent.load(Ordering::SeqCst)
    }

    /// Cuts all connections once, when the client has sent so many more bytes.
    pub fn cut_after(&self, bytes: usize) {
        self.shared.sent.store(0, Ordering::SeqCst);
        self.shared.cut_after.store(bytes, Ordering::SeqCst);
    }

    /// Cuts one connection, in the middle of an answer: that with which the server has sent so many more bytes in all.
    pub fn cut_in_answer(&self, bytes: usize) {
        self.shared.answered.store(0, Ordering::SeqCst);
        self.shared.cut_at.store(bytes, Ordering::SeqCst);
    }

    /// Was it cut, or was it not asked for?
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.shared.cut_at.load(Ordering::SeqCst) == 0
    }

    /// From now on what a client says comes to the server so much later; zero ends that.
    pub fn slow_by(&self, latency: Duration) {
        let millis = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.shared.latency.store(millis, Ordering::SeqCst);
    }

    /// Cuts all connections now.
    pub fn cut(&self) {
        cut(&self.shared);
    }

    /// How many connections it has taken.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.taken.load(Ordering::SeqCst)
    }

    /// The requests so far, `GET /version`, of a proxy that listens; then it begins again.
    #[must_use]
    pub fn take_journal(&self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.shared.heard.as_ref().expect("a proxy that listens").lock().unwrap());
        let text = String::from_utf8_lossy(&heard);
        let requests = text.split("\r\n").filter_map(|line| line.strip_suffix(" HTTP/1.1"));
        // A body has no line end of its own: what follows it begins somewhere in the same line.
        let verbs = ["GET /", "POST /", "PATCH /", "PUT /", "DELETE /"];
        requests
            .filter_map(|line| verbs.iter().find_map(|verb| line.rfind(verb).map(|at| line[at..].to_owned())))
            .collect()
    }

    /// Bytes that the server has answered since it was last asked to cut in an answer.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::SeqCst)
    }

    /// Bytes that clients have sent.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.shared.sent.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections, so that the port is free.
        drop(TcpStream::connect(self.address));
        self.cut();
    }
}

fn cut(shared: &Shared) {
    for connection in shared.connections.lock().unwrap().drain(..) {
        drop(connection.shutdown(Shutdown::Both));
    }
}

fn pass(shared: &Arc<Shared>, client: TcpStream, server: &str) {
    let keep = |stream: &TcpStream| shared.connections.lock().unwrap().push(stream.try_clone().unwrap());
    keep(&client);
    if shared.silent.load(Ordering::SeqCst) {
        return;
    }
    let Ok(server) = TcpStream::connect(server) else { return };
    keep(&server);
    let (to, from) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let ours = Arc::clone(shared);
    std::thread::spawn(move || {
        let all_later = |said: &[u8]| {
            std::thread::park_timeout(Duration::from_millis(ours.latency.load(Ordering::SeqCst)));
            said.len()
        };
        copy(from, to, all_later, |said| ours.note(said));
    });
    let ours = Arc::clone(shared);
    std::thread::spawn(move || copy(server, client, |said| ours.passes(said.len()), |_| {}));
}

impl Shared {
    /// A client has sent this.
    fn note(&self, said: &[u8]) {
        if let Some(heard) = &self.heard {
            heard.lock().unwrap().extend_from_slice(said);
        }
        let bytes = said.len();
        let sent = self.sent.fetch_add(bytes, Ordering::SeqCst) + bytes;
        let limit = self.cut_after.load(Ordering::SeqCst);
        if limit > 0 && sent >= limit {
            self.cut_after.store(0, Ordering::SeqCst);
            cut(self);
        }
    }

    /// How many bytes of so many in an answer are passed on.
    fn passes(&self, bytes: usize) -> usize {
        let before = self.answered.fetch_add(bytes, Ordering::SeqCst);
        let limit = self.cut_at.load(Ordering::SeqCst);
        if limit > 0 && before + bytes >= limit {
            self.cut_at.store(0, Ordering::SeqCst);
            // Never all: it would be no cut.
            return limit.saturating_sub(before).min(bytes - 1);
        }
        bytes
    }
}

/// Passes on as much of each piece as `passes` says; less than all of it ends the connection.
fn copy(mut from: TcpStream, mut to: TcpStream, passes: impl Fn(&[u8]) -> usize, note: impl Fn(&[u8])) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(bytes) = from.read(&mut buffer) {
        let passing = passes(&buffer[..bytes]);
        if bytes == 0 || to.write_all(&buffer[..passing]).is_err() || passing < bytes {
            break;
        }
        note(&buffer[..bytes]);
    }
    drop(to.shutdown(Shutdown::Both));
    drop(from.shutdown(Shutdown::Both));
}
