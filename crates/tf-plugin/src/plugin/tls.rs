//! go-plugin's AutoMTLS: a certificate of our own, and exactly one client that may connect.
//!
//! Terraform's client certificate is P-521 and CA:TRUE, which neither ring nor webpki accept: who it is follows from
//! equality with `PLUGIN_CLIENT_CERT`, and that it has the key is checked with the `p521` crate (docs/design/crypto.md).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use p521::ecdsa::signature::Verifier;
use p521::ecdsa::{DerSignature, VerifyingKey};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

use super::PluginError;

/// TLS for one client.
pub(super) struct MutualTls {
    /// How connections are accepted.
    pub(super) config: Arc<ServerConfig>,
    /// The certificate for the handshake line: unpadded base64 of its DER.
    pub(super) certificate: String,
}

impl MutualTls {
    /// TLS for the client whose certificate is `client`, as PEM.
    pub(super) fn new(client: &str) -> Result<Self, PluginError> {
        let client = CertificateDer::from_pem_slice(client.as_bytes()).map_err(|_| PluginError::ClientCertificate)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (certificate, key) = own_certificate().map_err(PluginError::Certificate)?;
        let line = STANDARD_NO_PAD.encode(&certificate);
        let verifier = Arc::new(OneClient { certificate: client.into_owned(), provider: Arc::clone(&provider) });
        let mut config = ServerConfig::builder_with_provider(provider)
            // Every go-plugin client speaks 1.3, in which a P-521 key signs with SHA-512 and nothing else.
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(PluginError::Tls)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate], key)
            .map_err(PluginError::Tls)?;
        // Terraform 1.12 and newer insist on it.
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self { config: Arc::new(config), certificate: line })
    }
}

/// A self-signed certificate as go-plugin makes its own: it is the only root that the client trusts.
fn own_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()])?;
    parameters.distinguished_name.push(DnType::CommonName, "localhost");
    parameters.distinguished_name.push(DnType::OrganizationName, "terraform-provider");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages =
        vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyAgreement, KeyUsagePurpose::KeyCertSign];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = parameters.self_signed(&key)?;
    Ok((certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
}

/// Lets the one client in that started this process.
#[derive(Debug)]
struct OneClient {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for OneClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not offered".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if signed.scheme == SignatureScheme::ECDSA_NISTP521_SHA512 {
            return verify_p521(message, certificate, signed.signature())
                .then(HandshakeSignatureValid::assertion)
                .ok_or(Error::InvalidCertificate(CertificateError::BadSignature));
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
        schemes.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        schemes
    }
}

fn verify_p521(message: &[u8], certificate: &CertificateDer<'_>, signature: &[u8]) -> bool {
    let key = x509_parser::parse_x509_certificate(certificate)
        .ok()
        .and_then(|(_, parsed)| VerifyingKey::from_sec1_bytes(&parsed.public_key().subject_public_key.data).ok());
    let signature = DerSignature::try_from(signature).ok().and_then(|der| p521::ecdsa::Signature::try_from(der).ok());
    matches!((key, signature), (Some(key), Some(signature)) if key.verify(message, &signature).is_ok())
}

#[cfg(test)]
mod tests;
