//! Who gets in. That Terraform's own P-521 certificate does, `tests/terraform.rs` shows with the real Terraform.

use rustls::ClientConfig;
use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

fn identity() -> Identity {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    // As Terraform's own: a CA.
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Identity { certificate: parameters.self_signed(&key).unwrap(), key }
}

/// Trusts the certificate of the handshake line, as go-plugin's client does; webpki refuses any CA as a server.
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
    ) -> Result<ServerCertVerified, Error> {
        assert_eq!(*end_entity, self.0);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not expected".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Connects to a plugin that was started by `expected`, with the certificate of `shown`; what the server made of it.
async fn connect(expected: &Identity, shown: Option<&Identity>) -> Result<String, String> {
    let tls = MutualTls::new(&expected.certificate.pem()).unwrap();
    let line = HandshakeLine(CertificateDer::from(STANDARD_NO_PAD.decode(&tls.certificate).unwrap()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.dangerous().with_custom_certificate_verifier(Arc::new(line));
    let mut client = match shown {
        None => client.with_no_client_auth(),
        Some(shown) => {
            let key = PrivatePkcs8KeyDer::from(shown.key.serialize_der()).into();
            client.with_client_auth_cert(vec![shown.certificate.der().clone()], key).unwrap()
        }
    };
    client.alpn_protocols = vec![b"h2".to_vec()];
    let (near, far) = tokio::io::duplex(64 * 1024);
    let server = tokio::spawn(async move {
        let mut stream = TlsAcceptor::from(tls.config).accept(far).await.map_err(|error| error.to_string())?;
        stream.write_all(b"in").await.map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(stream.get_ref().1.alpn_protocol().unwrap_or_default()).into_owned())
    });
    let connected =
        TlsConnector::from(Arc::new(client)).connect(ServerName::try_from("localhost").unwrap(), near).await;
    if let Ok(mut stream) = connected {
        let mut greeting = [0; 2];
        drop(stream.read_exact(&mut greeting).await);
    }
    server.await.unwrap()
}

#[tokio::test]
async fn only_the_client_that_started_the_plugin_gets_in() {
    let (terraform, stranger) = (identity(), identity());
    assert_eq!(connect(&terraform, Some(&terraform)).await.unwrap(), "h2");
    let refused = connect(&terraform, Some(&stranger)).await.unwrap_err();
    assert!(refused.contains("certificate"), "{refused}");
    let refused = connect(&terraform, None).await.unwrap_err();
    assert!(refused.contains("no certificates"), "{refused}");
}

#[test]
fn what_is_no_certificate_is_named() {
    assert!(matches!(MutualTls::new("x"), Err(PluginError::ClientCertificate)));
}
