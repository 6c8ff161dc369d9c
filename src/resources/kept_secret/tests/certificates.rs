//! Certificates of authorities that these tests make up. Each is made once.

use std::sync::LazyLock;

use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, date_time_ymd};

/// What names an authority: its organization, where it has one, and its common name.
type Authority = (Option<&'static str>, &'static str);

const R10: Authority = (Some("Let's Encrypt"), "R10");
const R11: Authority = (Some("Let's Encrypt"), "R11");
const BLOG: &[&str] = &["blog.example"];

/// From 2026-01-01 to 2026-04-01.
pub(super) static FIRST: LazyLock<String> = LazyLock::new(|| issued(R10, BLOG, 1));
/// By another key of the same authority, from 2026-03-01 to 2026-06-01.
pub(super) static RENEWED: LazyLock<String> = LazyLock::new(|| issued(R11, BLOG, 3));
/// As the renewed one, by the staging environment of the authority.
pub(super) static STAGING: LazyLock<String> =
    LazyLock::new(|| issued((Some("(STAGING) Let's Encrypt"), "R11"), BLOG, 3));
/// As the renewed one, for one more name.
pub(super) static WIDER: LazyLock<String> = LazyLock::new(|| issued(R11, &["blog.example", "www.blog.example"], 3));
/// As cert-manager's placeholder is.
pub(super) static TEMPORARY: LazyLock<String> = LazyLock::new(|| issued((None, "cert-manager.local"), BLOG, 3));
/// By an authority without an organization.
pub(super) static INTERNAL: LazyLock<String> = LazyLock::new(|| issued((None, "Internal"), BLOG, 1));
/// By another one.
pub(super) static OTHER: LazyLock<String> = LazyLock::new(|| issued((None, "Other"), BLOG, 3));
/// By nobody but itself.
pub(super) static SELF_SIGNED: LazyLock<String> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    parameters((None, "blog.example"), BLOG, 3).self_signed(&key).unwrap().pem()
});

fn parameters((organization, common): Authority, names: &[&str], month: u8) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.distinguished_name = DistinguishedName::new();
    if let Some(organization) = organization {
        parameters.distinguished_name.push(DnType::OrganizationName, organization);
    }
    parameters.distinguished_name.push(DnType::CommonName, common);
    parameters.not_before = date_time_ymd(2026, month, 1);
    parameters.not_after = date_time_ymd(2026, month + 3, 1);
    parameters
}

fn issued(by: Authority, names: &[&str], month: u8) -> String {
    with_key(by, &KeyPair::generate().unwrap(), names, month).0
}

/// A certificate that names the key of its authority, and its own private key.
pub(super) fn with_key(by: Authority, authority: &KeyPair, names: &[&str], month: u8) -> (String, String) {
    let own = KeyPair::generate().unwrap();
    let issuer = Issuer::new(parameters(by, &[], month), authority);
    let mut wanted = parameters((None, "blog.example"), names, month);
    wanted.use_authority_key_identifier_extension = true;
    (wanted.signed_by(&own, &issuer).unwrap().pem(), own.serialize_pem())
}
