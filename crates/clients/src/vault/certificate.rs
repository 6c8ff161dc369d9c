//! Checks Vault's certificate, and remembers the one that was refused, so that the error can say who signed it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::error::Cause;
use super::presented::{Presented, presented};
use super::settings::{ClientCertificate, Settings};
use crate::authorities;

/// The certificate that was refused last.
pub(super) type Refused = Arc<Mutex<Option<Presented>>>;

/// TLS as these settings want it: ring, HTTP/2 where the server speaks it.
pub(super) fn tls(settings: &Settings, refused: &Refused) -> Result<ClientConfig, Cause> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let broken = |problem: String| Cause::InvalidSetting { setting: "ca_cert_pem", problem };
    let judge: Option<Arc<dyn ServerCertVerifier>> = if settings.skip_tls_verify {
        None
    } else if let Some(pem) = &settings.ca_cert_pem {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| broken("it is not PEM".to_owned()))?;
            roots.add(certificate).map_err(|error| broken(format!("a certificate in it is not valid: {error}")))?;
        }
        if roots.is_empty() {
            return Err(broken("it has no certificate".to_owned()));
        }
        let trusting = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        Some(trusting.map_err(|error| broken(error.to_string()))?)
    } else {
        authorities::check().map_err(|error| Cause::Request { problem: error.to_string() })?;
        let system = rustls_platform_verifier::Verifier::new(Arc::clone(&provider));
        Some(Arc::new(system.map_err(|error| Cause::Request {
            problem: format!("the system's certificate authorities cannot be read: {error}"),
        })?))
    };
    let checking = Checking { judge, provider: Arc::clone(&provider), refused: Arc::clone(refused) };
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions
        .map_err(|error| Cause::Request { problem: error.to_string() })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(checking));
    let mut config = match &settings.client_certificate {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let (chain, key) = shown(own)?;
            let unfit = |_| invalid("auth_cert.client_key", "it does not belong to client_certificate");
            builder.with_client_auth_cert(chain, key).map_err(unfit)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn invalid(setting: &'static str, problem: &str) -> Cause {
    Cause::InvalidSetting { setting, problem: problem.to_owned() }
}

/// The certificate that is shown, and its key. The library's own words are not repeated: they may quote the text.
fn shown(own: &ClientCertificate) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Cause> {
    let not = |problem| invalid("auth_cert.client_certificate", problem);
    let chain: Vec<_> = CertificateDer::pem_slice_iter(own.certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| not("it is not PEM"))?;
    if chain.is_empty() {
        return Err(not("it has no certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(own.key.expose().as_bytes())
        .map_err(|_| invalid("auth_cert.client_key", "it is not the PEM of a private key without a passphrase"))?;
    Ok((chain, key))
}

/// Checks a server's certificate, and keeps the one that it refuses.
#[derive(Debug)]
struct Checking {
    /// Who judges the certificate; without it every one is accepted (`skip_tls_verify`), and the handshake must still be
    /// signed with it.
    judge: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
    refused: Refused,
}

impl ServerCertVerifier for Checking {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(judge) = &self.judge else { return Ok(ServerCertVerified::assertion()) };
        let verified = judge.verify_server_cert(end_entity, intermediates, server_name, ocsp, now);
        if verified.is_err() {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = presented(end_entity);
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
