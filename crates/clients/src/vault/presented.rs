//! What a certificate says of itself: who signed it, for which names. Whether it is to be trusted is judged in `certificate`.

use std::fmt;

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Who signed it.
    pub issuer: String,
    /// The names that it is for.
    pub names: Vec<String>,
}

impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = if self.names.is_empty() { "no name".to_owned() } else { self.names.join(", ") };
        write!(f, "it was signed by \"{}\" for {names}", self.issuer)
    }
}

/// What this one says; nothing where it cannot be read.
pub(super) fn presented(certificate: &CertificateDer<'_>) -> Option<Presented> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let alternatives = parsed.subject_alternative_name().ok().flatten();
    let names = alternatives.map(|extension| {
        extension.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        })
    });
    Some(Presented { issuer: parsed.issuer().to_string(), names: names.into_iter().flatten().collect() })
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|octets| std::net::IpAddr::from(octets).to_string());
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(|octets| std::net::IpAddr::from(octets).to_string())).ok()
}
