//! Texts that Talos reads in its own way, on top of what Go's standard library does (`tazlab-go`).

use tazlab_go::{netip, url};

/// A subnet or a single address.
pub(super) fn subnet_or_address(text: &str) -> bool {
    netip::parse_prefix(text).is_some() || netip::parse_addr(text).is_some()
}

/// An endpoint as Talos' network library takes it: a host, and a port that is one.
pub(super) fn is_endpoint(text: &str) -> bool {
    let Some(url) = url::parse(text) else { return false };
    let brackets = url.host.contains('[') && url.host.contains(']');
    if url.host.matches(':').count() > 2 && !brackets || url.hostname().is_empty() {
        return false;
    }
    url.port().is_empty() || url.port().parse::<u32>().is_ok_and(|port| (1..=65535).contains(&port))
}

/// `humanize.ParseBytes`.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as Go does")]
pub(super) fn bytes(text: &str) -> Option<u64> {
    let end = text
        .find(|character: char| !(character.is_ascii_digit() || matches!(character, '.' | ',')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.replace(',', "").parse().ok()?;
    let scale: u64 = match unit.trim().to_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "ki" | "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mi" | "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gi" | "gib" => 1 << 30,
        "t" | "tb" => 1_000_000_000_000,
        "ti" | "tib" => 1 << 40,
        "p" | "pb" => 1_000_000_000_000_000,
        "pi" | "pib" => 1 << 50,
        "e" | "eb" => 1_000_000_000_000_000_000,
        "ei" | "eib" => 1 << 60,
        _ => return None,
    };
    let size = number * scale as f64;
    (size < u64::MAX as f64).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_endpoints() {
        assert_eq!(bytes("1.5 GiB"), Some(1_610_612_736));
        assert_eq!(bytes("1,000"), Some(1000));
        assert_eq!(bytes("1 parsec"), None);
        assert!(
            subnet_or_address("10.0.0.0/8") && subnet_or_address("fe80::1%eth0") && !subnet_or_address("10.0.0.0/08")
        );
        assert!(is_endpoint("https://1.2.3.4:6443") && !is_endpoint("1.2.3.4") && !is_endpoint("https://a:0"));
    }
}
