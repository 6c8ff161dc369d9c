//! A client of go-plugin's protocol: starts a built provider, reads its handshake line, connects with or without TLS.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tf_plugin::plugin::MAGIC_COOKIE;
use tf_plugin::wire::tfplugin6::provider_client::ProviderClient;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

/// Nothing here takes longer unless it hangs.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// A certificate with its key, as a client has one.
#[derive(Debug)]
pub struct Identity {
    certificate: rcgen::Certificate,
    key: rcgen::KeyPair,
}

impl Identity {
    /// A new one, a CA as Terraform's own is.
    #[must_use]
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self { certificate: parameters.self_signed(&key).unwrap(), key }
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self::new()
    }
}

/// A running plugin and a connection to it.
#[derive(Debug)]
pub struct Plugin {
    /// The process.
    pub process: Child,
    /// The folder of its socket.
    pub sockets: tempfile::TempDir,
    /// What it said at first.
    pub line: String,
    /// From its start to that line.
    pub handshake: Duration,
    /// The connection.
    pub channel: Channel,
    stderr: Mutex<Lines<BufReader<ChildStderr>>>,
}

impl Plugin {
    /// Starts it without TLS.
    pub async fn start(program: impl AsRef<Path>) -> Self {
        let (process, sockets, line, handshake, stderr) = spawn(program.as_ref(), None).await;
        let channel = connect(&line, None).await.unwrap();
        Self { process, sockets, line, handshake, channel, stderr }
    }

    /// Starts it for a client that has `expected`, and connects showing `shown`.
    ///
    /// # Errors
    /// When it does not let that client in.
    pub async fn with_tls(
        program: impl AsRef<Path>,
        expected: &Identity,
        shown: Option<&Identity>,
    ) -> Result<Self, tonic::transport::Error> {
        let (process, sockets, line, handshake, stderr) = spawn(program.as_ref(), Some(expected)).await;
        let channel = connect(&line, Some(client_config(&line, shown))).await?;
        Ok(Self { process, sockets, line, handshake, channel, stderr })
    }

    /// A client of the provider.
    #[must_use]
    pub fn provider(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel.clone()).max_decoding_message_size(1 << 28).max_encoding_message_size(1 << 28)
    }

    /// Waits until its log says `words`.
    pub async fn logs(&self, words: &str) {
        let mut lines = self.stderr.lock().await;
        let found = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains(words) {
                    return;
                }
            }
            panic!("the plugin ended without a word of {words:?}");
        };
        tokio::time::timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("no word of {words:?} in the log"));
    }

    /// A value of `/proc/<pid>/status`, in KiB.
    #[must_use]
    pub fn memory(&self, name: &str) -> u64 {
        let pid = self.process.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t']).trim_end_matches(" kB").trim().parse().unwrap()
    }
}

type Spawned = (Child, tempfile::TempDir, String, Duration, Mutex<Lines<BufReader<ChildStderr>>>);

async fn spawn(program: &Path, expected: Option<&Identity>) -> Spawned {
    let sockets = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env(MAGIC_COOKIE.0, MAGIC_COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_UNIX_SOCKET_DIR", sockets.path())
        .env("TF_LOG_PROVIDER", "INFO")
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(expected) = expected {
        command.env("PLUGIN_CLIENT_CERT", expected.certificate.pem());
    }
    let since = std::time::Instant::now();
    let mut process = command.spawn().unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(DEADLINE, out.next_line()).await.unwrap().unwrap().unwrap();
    let handshake = since.elapsed();
    let stderr = Mutex::new(BufReader::new(process.stderr.take().unwrap()).lines());
    (process, sockets, line, handshake, stderr)
}

async fn connect(line: &str, tls: Option<ClientConfig>) -> Result<Channel, tonic::transport::Error> {
    let path = line.split('|').nth(3).unwrap().to_owned();
    let tls = tls.map(|config| TlsConnector::from(Arc::new(config)));
    let connect = service_fn(move |_| {
        let (path, tls) = (path.clone(), tls.clone());
        async move {
            let stream = UnixStream::connect(path).await?;
            let either = match tls {
                None => tokio_util::either::Either::Left(stream),
                Some(tls) => {
                    let name = ServerName::try_from("localhost").unwrap();
                    tokio_util::either::Either::Right(tls.connect(name, stream).await?)
                }
            };
            Ok::<_, std::io::Error>(TokioIo::new(either))
        }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connect).await
}

fn client_config(line: &str, shown: Option<&Identity>) -> ClientConfig {
    let certificate = STANDARD_NO_PAD.decode(line.split('|').nth(5).unwrap()).unwrap();
    let trusted = HandshakeLine(CertificateDer::from(certificate));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.dangerous().with_custom_certificate_verifier(Arc::new(trusted));
    let mut client = match shown {
        None => client.with_no_client_auth(),
        Some(shown) => {
            let key = PrivatePkcs8KeyDer::from(shown.key.serialize_der()).into();
            client.with_client_auth_cert(vec![shown.certificate.der().clone()], key).unwrap()
        }
    };
    client.alpn_protocols = vec![b"h2".to_vec()];
    client
}

/// Trusts the certificate of the handshake line and no other, as go-plugin's client does.
#[derive(Debug)]
struct HandshakeLine(CertificateDer<'static>);

impl ServerCertVerifier for HandshakeLine {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.0 {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::General("not the certificate of the handshake line".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not expected".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
