//! A registry of one provider on loopback, over TLS: the answers of the registry's protocol about a set, and files under `/files`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::set::{Set, sha256};

/// Answers until it is dropped.
pub(crate) struct Registry {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    folder: tempfile::TempDir,
    asked: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Registry {
    /// One that has `set`.
    pub(crate) fn start(set: &Set) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        std::os::unix::fs::symlink(&set.folder, root.join("set")).unwrap();

        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(folder.path().join("authority.pem"), made.cert.pem()).unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::default();
        let registry = Self { runtime, address, folder, asked };

        let (key, certificate) = (made.signing_key.serialize_der(), made.cert.der().clone());
        let answers = Answers {
            root,
            known: known(set, &registry.url("")).into_iter().collect(),
            asked: Arc::clone(&registry.asked),
        };
        registry.runtime.spawn(serve(listener, acceptor(certificate, key), Arc::new(answers)));
        registry
    }

    /// How an address of a provider names it.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// An address below it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}/{path}", self.host())
    }

    /// Its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// What it serves under `/files/NAME`, a folder that is not there yet.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join("root").join(name)
    }

    /// The paths that were asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// The registry's protocol, of what the set itself says.
fn known(set: &Set, url: &str) -> Vec<(String, Value)> {
    let manifest: Value = serde_json::from_slice(&fs::read(set.file("manifest.json")).unwrap()).unwrap();
    let protocols = &manifest["metadata"]["protocol_versions"];
    let file = |end: &str| format!("{url}files/set/{}", set.file(end).file_name().unwrap().to_str().unwrap());
    let provider = "/v1/providers/tazlab/tazlab";
    let versions = json!({ "versions": [{
        "version": set.version, "protocols": protocols, "platforms": [{ "os": "linux", "arch": "amd64" }] }] });
    let download = json!({
        "protocols": protocols, "os": "linux", "arch": "amd64",
        "filename": set.file("linux_amd64.zip").file_name().unwrap().to_str().unwrap(),
        "download_url": file("linux_amd64.zip"),
        "shasum": sha256(&set.file("linux_amd64.zip")),
        "shasums_url": file("SHA256SUMS"),
        "shasums_signature_url": file("SHA256SUMS.sig"),
        "signing_keys": { "gpg_public_keys": [{ "ascii_armor": fs::read_to_string(set.key()).unwrap() }] },
    });
    vec![
        ("/.well-known/terraform.json".to_owned(), json!({ "providers.v1": "/v1/providers/" })),
        (format!("{provider}/versions"), versions),
        (format!("{provider}/{}/download/linux/amd64", set.version), download),
    ]
}

struct Answers {
    root: PathBuf,
    known: std::collections::BTreeMap<String, Value>,
    asked: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Answers {
    /// The type and the body of what there is at a path.
    fn of(&self, path: &str) -> Option<(&'static str, Vec<u8>)> {
        self.asked.lock().unwrap().push(path.to_owned());
        if let Some(known) = self.known.get(path) {
            return Some(("application/json", known.to_string().into_bytes()));
        }
        let file = path.strip_prefix("/files/").filter(|file| !file.contains(".."))?;
        let kind = if Path::new(file).extension() == Some("json".as_ref()) {
            "application/json"
        } else {
            "application/octet-stream"
        };
        fs::read(self.root.join(file)).ok().map(|body| (kind, body))
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: Vec<u8>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let settings = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivatePkcs8KeyDer::from(key).into();
    TlsAcceptor::from(Arc::new(settings.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, answers: Arc<Answers>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, acceptor.clone(), Arc::clone(&answers)));
    }
}

/// One request a connection. A client that goes away is nobody's loss.
async fn answer(stream: TcpStream, acceptor: TlsAcceptor, answers: Arc<Answers>) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&part[..read]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1)?.split('?').next()?.replace("%3A", ":");
    let (code, (kind, body)) = answers.of(&path).map_or((404, ("text/plain", Vec::new())), |found| (200, found));
    let head = format!(
        "HTTP/1.1 {code} .\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
    stream.shutdown().await.ok()
}
