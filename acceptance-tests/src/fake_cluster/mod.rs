//! A stand-in for a Kubernetes API server, on 127.0.0.1: namespaces and Secrets with field managers and server-side apply as the
//! real one has them, and failures that a real one would not have at the right moment. For experiments that need no cluster; what
//! rests on the real server's rules is proven on the real one.

mod apply;
mod http;
mod store;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use http::{Conversation, Request};
use store::Store;

/// What goes wrong with writes of Secrets.
#[derive(Clone, Debug)]
pub enum Fault {
    /// They are judged and carried out at once, and answered so much later.
    Slow(Duration),
    /// The same, but what is refused is refused at once.
    SlowSuccess(Duration),
    /// They are refused with this code and these words.
    Refuse(u16, String),
}

#[derive(Default)]
struct Shared {
    closed: AtomicBool,
    /// Requests are taken and nothing is answered.
    silent: AtomicBool,
    /// Nobody may read namespaces.
    keeps_namespaces: AtomicBool,
    /// Every request is answered with 401.
    knows_nobody: AtomicBool,
    fault: Mutex<Option<Fault>>,
    /// What is answered to these paths, whatever is there.
    answers: Mutex<BTreeMap<String, (u16, Value)>>,
    store: Mutex<Store>,
    lines: Mutex<Vec<String>>,
    connections: Mutex<Vec<TcpStream>>,
    tls: Option<Arc<ServerConfig>>,
}

/// A running server; nothing listens any more when its value is dropped.
pub struct FakeCluster {
    address: SocketAddr,
    shared: Arc<Shared>,
    authority: Option<String>,
}

impl Default for FakeCluster {
    fn default() -> Self {
        Self::start()
    }
}

impl FakeCluster {
    /// One without TLS at a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// One without TLS at this port.
    #[must_use]
    pub fn start_at(port: u16) -> Self {
        Self::serve(port, Shared::default(), None)
    }

    /// One with a certificate of its own at a free port.
    ///
    /// # Panics
    /// When the certificate cannot be made.
    #[must_use]
    pub fn with_tls() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        let authority = certificate.pem();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let private = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private.into());
        let shared = Shared { tls: Some(Arc::new(config.unwrap())), ..Shared::default() };
        Self::serve(0, shared, Some(authority))
    }

    fn serve(port: u16, shared: Shared, authority: Option<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::new(shared));
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.closed.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                serving.connections.lock().unwrap().extend(stream.try_clone());
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || match &shared.tls {
                    None => converse(&shared, stream),
                    Some(tls) => {
                        converse(&shared, StreamOwned::new(ServerConnection::new(Arc::clone(tls)).unwrap(), stream));
                    }
                });
            }
        });
        Self { address, shared, authority }
    }

    /// `http://127.0.0.1:<port>`, or `https`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", if self.authority.is_some() { "https" } else { "http" }, self.address)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The certificate that it is to be trusted by, PEM.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The provider's `kubernetes` argument that leads here.
    #[must_use]
    pub fn block(&self) -> String {
        let trust = self.authority().map(|pem| format!(", cluster_ca_certificate = \"{}\"", pem.replace('\n', "\\n")));
        format!("kubernetes = {{ host = \"{}\", token = \"x\"{} }}", self.url(), trust.unwrap_or_default())
    }

    /// From now on nothing is answered.
    pub fn fall_silent(&self) {
        self.shared.silent.store(true, Ordering::SeqCst);
    }

    /// From now on nobody is known.
    pub fn know_nobody(&self) {
        self.shared.knows_nobody.store(true, Ordering::SeqCst);
    }

    /// Nobody may read namespaces.
    pub fn keep_namespaces(&self) {
        self.shared.keeps_namespaces.store(true, Ordering::SeqCst);
    }

    /// What goes wrong from now on.
    pub fn fault(&self, fault: Option<Fault>) {
        *self.shared.fault.lock().unwrap() = fault;
    }

    /// From now on an apply is carried out whatever its preconditions are, as no API server does it.
    pub fn take_any_version(&self) {
        self.shared.store.lock().unwrap().takes_any_version = true;
    }

    /// This is answered when `path` is asked for, whatever is there; `None` is honest again.
    pub fn answers(&self, path: &str, answer: Option<(u16, Value)>) {
        let mut answers = self.shared.answers.lock().unwrap();
        match answer {
            Some(answer) => answers.insert(path.to_owned(), answer),
            None => answers.remove(path),
        };
    }

    /// An object of any kind that somebody else has made.
    pub fn put(&self, path: &str, object: Value) {
        self.shared.store.lock().unwrap().put(path, object);
    }

    /// Somebody deletes an object.
    pub fn remove(&self, path: &str) {
        self.shared.store.lock().unwrap().remove(path);
    }

    /// What is there at a path.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Value> {
        self.shared.store.lock().unwrap().get(path)
    }

    /// The list at a path, as it is answered.
    #[must_use]
    pub fn list(&self, path: &str) -> Value {
        self.shared.store.lock().unwrap().list(path).1
    }

    /// The methods and paths that were asked for.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.shared.lines.lock().unwrap().clone()
    }

    /// Makes a namespace.
    pub fn make_namespace(&self, name: &str) {
        self.shared.store.lock().unwrap().make_namespace(name);
    }

    /// A namespace, without `managedFields`.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Option<Value> {
        self.shared.store.lock().unwrap().get(&format!("/api/v1/namespaces/{name}"))
    }

    /// A Secret, without `managedFields`.
    #[must_use]
    pub fn secret(&self, namespace: &str, name: &str) -> Option<Value> {
        self.shared.store.lock().unwrap().get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}"))
    }

    /// Server-side apply by another field manager, by force.
    ///
    /// # Panics
    /// When it is refused.
    pub fn apply_as(&self, manager: &str, object: &Value) {
        self.shared.store.lock().unwrap().apply_object(object, manager, "Apply");
    }

    /// Writes an object as a field manager that updates.
    ///
    /// # Panics
    /// When it is refused.
    pub fn update_as(&self, manager: &str, object: &Value) {
        self.shared.store.lock().unwrap().apply_object(object, manager, "Update");
    }
}

impl Drop for FakeCluster {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // The listener goes with its thread, which this wakes.
        drop(TcpStream::connect(self.address));
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            drop(connection.shutdown(Shutdown::Both));
        }
        while TcpStream::connect(self.address).is_ok() {
            std::thread::yield_now();
        }
    }
}

fn converse(shared: &Shared, stream: impl std::io::Read + Write) {
    let mut conversation = Conversation::new(stream);
    while let Some(request) = conversation.next() {
        shared.lines.lock().unwrap().push(format!("{} {}", request.method, request.path));
        while shared.silent.load(Ordering::SeqCst) {
            if shared.closed.load(Ordering::SeqCst) {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let (code, body) = answer(shared, &request);
        if conversation.answer(code, &body).is_none() {
            return;
        }
    }
}

fn answer(shared: &Shared, request: &Request) -> (u16, Value) {
    if shared.knows_nobody.load(Ordering::SeqCst) {
        return store::status(401, "Unauthorized");
    }
    if shared.keeps_namespaces.load(Ordering::SeqCst)
        && request.method == "GET"
        && request.path.starts_with("/api/v1/namespaces/")
        && !request.path.contains("/secrets")
    {
        return store::status(403, "namespaces is forbidden");
    }
    if let Some(answer) = shared.answers.lock().unwrap().get(&request.path).filter(|_| request.method == "GET") {
        return answer.clone();
    }
    let fault = shared.fault.lock().unwrap().clone();
    let writes = request.method == "PATCH" && request.path.contains("/secrets/");
    match fault.filter(|_| writes) {
        Some(Fault::Refuse(code, words)) => store::status(code, &words),
        Some(fault @ (Fault::Slow(time) | Fault::SlowSuccess(time))) => {
            let answer = shared.store.lock().unwrap().answer(request);
            if answer.0 < 300 || matches!(fault, Fault::Slow(_)) {
                std::thread::park_timeout(time);
            }
            answer
        }
        None => shared.store.lock().unwrap().answer(request),
    }
}
