//! What a certificate says of itself, as far as it decides which of two is kept: who issued it, for whom, and when.

use std::collections::BTreeSet;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use tazlab_jwk::{PublicKey, signing_keys};
use tazlab_redacted::SecretText;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::AttributeTypeAndValue;

/// Who signs the certificates that cert-manager puts into a Secret while it waits for the real one
/// (`pkg/util/pki/temporarycertificate.go` of cert-manager 1.21).
const TEMPORARY: &str = "cert-manager.local";

/// The first certificate of a chain.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    der: Vec<u8>,
    issuer: Issuer,
    names: BTreeSet<String>,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    /// It is cert-manager's placeholder.
    pub(super) is_temporary: bool,
    /// Nobody but its own key vouches for it.
    pub(super) is_self_signed: bool,
}

/// The organizations of public authorities whose intermediates take turns: Let's Encrypt's, for one, differ in their keys and
/// common names and in nothing else. Within any other organization, another name or key is another authority.
const ROTATING: &[&str] = &[
    "Let's Encrypt",
    "(STAGING) Let's Encrypt",
    "Google Trust Services",
    "ZeroSSL",
    "ZeroSSL GmbH",
    "SSL Corporation",
    "Buypass AS-983163327",
];

/// Who issued a certificate.
#[derive(Clone, Debug)]
struct Issuer {
    /// Its distinguished name, of a rotating authority without the common name.
    name: BTreeSet<(String, String)>,
    /// The id of its key, where the certificate says it and keys do not take turns.
    key: Option<Vec<u8>>,
}

impl Issuer {
    fn of(certificate: &X509Certificate<'_>) -> Self {
        let name = certificate.issuer();
        let text = |part: &AttributeTypeAndValue<'_>| {
            (part.attr_type().to_id_string(), part.as_str().map(ToOwned::to_owned).unwrap_or_default())
        };
        let rotates = name.iter_organization().any(|part| part.as_str().is_ok_and(|text| ROTATING.contains(&text)));
        let common: Vec<String> = name.iter_common_name().map(|part| part.attr_type().to_id_string()).collect();
        let parts = name.iter_attributes().map(text);
        Self {
            name: parts.filter(|(kind, _)| !(rotates && common.contains(kind))).collect(),
            key: authority_key(certificate).filter(|_| !rotates),
        }
    }

    /// Authorities that are recreated with each cluster often have one name: their keys tell them apart.
    fn is(&self, other: &Self) -> bool {
        let keys = self.key.as_ref().zip(other.key.as_ref());
        self.name == other.name && keys.is_none_or(|(one, another)| one == another)
    }
}

fn authority_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(authority) => Some(authority.key_identifier.as_ref()?.0.to_vec()),
        _ => None,
    })
}

impl Certificate {
    /// Reads the first certificate of a PEM chain; `None` where there is none.
    pub(super) fn read(pem: &[u8]) -> Option<Self> {
        let first = Pem::iter_from_buffer(pem).filter_map(Result::ok).find(|block| block.label == "CERTIFICATE")?;
        let (_, parsed) = X509Certificate::from_der(&first.contents).ok()?;
        let validity = parsed.validity();
        let moment = |seconds| Timestamp::from_second(seconds).ok();
        let (since, until) = (moment(validity.not_before.timestamp())?, moment(validity.not_after.timestamp())?);
        let issued_by = |name: &str| parsed.issuer().iter_common_name().any(|part| part.as_str() == Ok(name));
        Some(Self {
            issuer: Issuer::of(&parsed),
            names: names(&parsed),
            since,
            until,
            is_temporary: issued_by(TEMPORARY),
            is_self_signed: parsed.issuer().as_raw() == parsed.subject().as_raw(),
            der: first.contents.clone(),
        })
    }

    /// Is it the very same one?
    pub(super) fn is(&self, other: &Self) -> bool {
        self.der == other.der
    }

    pub(super) fn has_the_issuer_of(&self, other: &Self) -> bool {
        self.issuer.is(&other.issuer)
    }

    /// Does this private key belong to it? Also where they cannot be compared, such as with Ed25519.
    pub(super) fn may_be_of(&self, private: &SecretText) -> bool {
        let pem =
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(&self.der));
        match (PublicKey::from_pem(&pem), signing_keys(private)) {
            (Ok(own), Ok(keys)) => keys.contains(&own),
            _ => true,
        }
    }

    pub(super) fn has_the_names_of(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

/// All names that it is for. The common name counts as one: cert-manager compares them so.
fn names(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let common = certificate.subject().iter_common_name().filter_map(|part| part.as_str().ok());
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let all = alternatives.iter().flat_map(|extension| &extension.value.general_names);
    common.map(ToOwned::to_owned).chain(all.filter_map(named)).collect()
}

fn named(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => Some((*text).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}
