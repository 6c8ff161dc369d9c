//! Certificates among the contents that end soon: a warning before it is an outage. When a certificate ends is public.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tazlab_redacted::SecretBytes;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;
use x509_parser::pem::Pem;

use super::origin::Origin;

/// How long before its end a certificate is a warning where `warn_before` does not say it: ten days.
pub(super) const SOON: Duration = Duration::from_hours(240);

/// Warns of the certificate that a server shows, which comes first. A collection of authorities holds old ones too, and means nothing
/// by it.
pub(super) fn doubt(key: &str, origin: &Origin, content: &SecretBytes, soon: Duration) -> Option<Diagnostic> {
    let end = end(content.expose())?;
    let warning = warning(key, end, Timestamp::now(), soon)?;
    Some(warning.at(AttributePath::new(origin.argument()).key(key.to_owned())))
}

fn end(content: &[u8]) -> Option<Timestamp> {
    let mut certificates =
        Pem::iter_from_buffer(content).filter_map(Result::ok).filter(|block| block.label == "CERTIFICATE");
    let first = certificates.next()?;
    let certificate = first.parse_x509().ok()?;
    if certificate.is_ca() && certificates.next().is_some() {
        return None;
    }
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

fn warning(key: &str, end: Timestamp, now: Timestamp, soon: Duration) -> Option<Diagnostic> {
    let left = end.duration_since(now);
    if left <= SignedDuration::ZERO {
        let detail = format!(
            "The certificate of key \"{key}\" expired at {end}. Renew it where it comes from, then apply again."
        );
        return Some(Diagnostic::warning("A certificate has expired", detail));
    }
    if left > SignedDuration::try_from(soon).ok()? {
        return None;
    }
    let days = left.as_hours() / 24;
    let detail = format!(
        "The certificate of key \"{key}\" expires at {end}, in {days} days. Renew it where it comes from, then apply again. warn_before sets how early this is reported."
    );
    Some(Diagnostic::warning("A certificate expires soon", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = "-----BEGIN CERTIFICATE-----\n\
         MIIBcDCCARagAwIBAgIUCHsav74UYKmGnW3QwhHWWtgBiD8wCgYIKoZIzj0EAwIw\n\
         DzENMAsGA1UEAwwEbGVhZjAeFw0yNjExMzAwNzUxMDlaFw0yNzAyMjgwNzUxMDla\n\
         MA8xDTALBgNVBAMMBGxlYWYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARJ9p0j\n\
         +xWvU/skIx9RaHv7FsHBDXh1mHafzp5kL1SnJfCV/iANBHZ/1QHmkaVRCQC8mZGH\n\
         yp/eA7McdQW/dITbo1AwTjAdBgNVHQ4EFgQUalfNReNn7Ar/t5Hn8EhuBymiHIsw\n\
         HwYDVR0jBBgwFoAUalfNReNn7Ar/t5Hn8EhuBymiHIswDAYDVR0TAQH/BAIwADAK\n\
         BggqhkjOPQQDAgNIADBFAiA9QftVM2ndoYqyQrgO+fjfALdGSg8X4wPzo66+ocrm\n\
         SwIhAMHzsDjz0YxF8KH/sbp7IKhLngbx7bJakocUift+Wspx\n\
         -----END CERTIFICATE-----\n";
    const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
         MIIBbzCCARWgAwIBAgIUXvw8lUCqiaW+aGsjfQ0Zdtru+L8wCgYIKoZIzj0EAwIw\n\
         DTELMAkGA1UEAwwCY2EwHhcNMjYxMTMwMDc1MTA5WhcNMjcwMjI4MDc1MTA5WjAN\n\
         MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFiGuE/NUEzH\n\
         lB2jbdUw2S7yJHn9P4DjrUy84lBIn3e28e2OJkVhwJ46XCypAf4j5pu2c2Snfa+y\n\
         7+nd2xpB3RGjUzBRMB0GA1UdDgQWBBS2hbmCCIWJlrd8KFWLmCzY2aJG0TAfBgNV\n\
         HSMEGDAWgBS2hbmCCIWJlrd8KFWLmCzY2aJG0TAPBgNVHRMBAf8EBTADAQH/MAoG\n\
         CCqGSM49BAMCA0gAMEUCIBLYvDTfBIVYpVdr5yR+Ia+VGeqb6kd+oYsfpf2HcZug\n\
         AiEA5iJCUoj18eYIZsbr5nH3Y5JLr1TWYSvtBlj2DOhbBX4=\n\
         -----END CERTIFICATE-----\n";
    /// When `LEAF` ends.
    const END: i64 = 1_803_801_069;

    #[test]
    fn the_first_certificate_counts_and_a_collection_of_authorities_does_not() {
        let end_of = |parts: &[&str]| end(parts.concat().as_bytes()).map(Timestamp::as_second);
        assert_eq!(end_of(&[LEAF, AUTHORITY]), Some(END));
        assert!(end_of(&[AUTHORITY]).is_some());
        assert_eq!(end_of(&[AUTHORITY, LEAF]), None);
        assert_eq!(end_of(&["-----BEGIN PRIVATE KEY-----\nTUlJQg==\n-----END PRIVATE KEY-----\n"]), None);
        assert_eq!(end_of(&["-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"]), None);
        assert_eq!(end_of(&["no certificate"]), None);
    }

    #[test]
    fn what_ends_soon_or_has_ended_is_a_warning() {
        let end = Timestamp::from_second(END).unwrap();
        let told = |before: i64, soon| {
            let now = Timestamp::from_second(END - before).unwrap();
            warning("tls.crt", end, now, soon).map(|warning| format!("{}: {}", warning.summary, warning.detail))
        };
        let day = 24 * 60 * 60;
        assert_eq!(told(11 * day, SOON), None);
        assert!(told(9 * day, SOON).unwrap().contains("in 9 days"));
        assert_eq!(told(9 * day, Duration::from_hours(1)), None);
        assert!(told(-1, Duration::ZERO).unwrap().contains("has expired"));
    }
}
