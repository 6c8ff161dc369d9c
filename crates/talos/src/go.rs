//! Texts that Go's standard library reads: durations, addresses, URLs, base64. Talos takes what these take.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Go takes base64 with padding, also where the last character carries bits that mean nothing, and reads over line ends.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
    let bare: String = text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    GeneralPurpose::new(&STANDARD, config).decode(bare).ok()
}

/// `time.ParseDuration`, in nanoseconds.
pub(super) fn duration(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, tail) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let unit_end =
            tail.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let digits: String = fraction.chars().take(18).collect();
        let fraction: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let part = fraction * scale / 10_i128.pow(u32::try_from(digits.len()).unwrap_or(0));
        total = whole.checked_mul(scale)?.checked_add(part)?.checked_add(total)?;
        rest = tail;
    }
    (total <= i128::from(i64::MAX)).then_some(if negative { -total } else { total })
}

/// `net.ParseIP`: no zone.
pub(super) fn ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// `netip.ParseAddr`: IPv6 may name a zone. The address and whether it named one.
pub(super) fn address(text: &str) -> Option<(IpAddr, bool)> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => Some((address.parse::<Ipv6Addr>().ok()?.into(), true)),
        Some(_) => None,
        None => text.parse().ok().map(|address| (address, false)),
    }
}

/// `netip.ParsePrefix`.
pub(super) fn prefix(text: &str) -> Option<IpAddr> {
    let (address, bits) = text.rsplit_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    bits_of(address, bits).then_some(address)
}

/// `net.ParseCIDR`.
pub(super) fn cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let digits = !bits.is_empty() && bits.len() < 9 && bits.bytes().all(|byte| byte.is_ascii_digit());
    let most = |address: IpAddr| if address.is_ipv4() { 32 } else { 128 };
    address.parse().is_ok_and(|address| digits && bits.parse::<u32>().is_ok_and(|bits| bits <= most(address)))
}

fn bits_of(address: IpAddr, bits: &str) -> bool {
    let plain =
        bits == "0" || (!bits.is_empty() && !bits.starts_with('0') && bits.bytes().all(|byte| byte.is_ascii_digit()));
    plain && bits.parse::<u32>().is_ok_and(|bits| bits <= if address.is_ipv4() { 32 } else { 128 })
}

/// A subnet or a single address.
pub(super) fn subnet_or_address(text: &str) -> bool {
    prefix(text).is_some() || address(text).is_some()
}

/// `netip.ParseAddrPort`.
pub(super) fn address_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let port_fits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let six = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    port_fits
        && match six {
            Some(inner) => address(inner).is_some_and(|(address, _)| address.is_ipv6()),
            None => host.parse::<Ipv4Addr>().is_ok(),
        }
}

/// `net.SplitHostPort`: host and port, of whatever form.
pub(super) fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    if let Some(rest) = host.strip_prefix('[') {
        let inner = rest.strip_suffix(']')?;
        return (!inner.contains(['[', ']']) && !port.contains(['[', ']'])).then_some((inner, port));
    }
    (!host.contains([':', '[', ']']) && !port.contains(['[', ']'])).then_some((host, port))
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
    fn texts_are_read_as_go_reads_them() {
        assert_eq!(duration("1h2m3.5s"), Some(3_723_500_000_000));
        assert_eq!(duration("-.5s"), Some(-500_000_000));
        for text in ["", "1", "s", "1d", "1.2.3s", ".s", "10000000h"] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(bytes("1.5 GiB"), Some(1_610_612_736));
        assert_eq!(bytes("1,000"), Some(1000));
        assert_eq!(bytes("1 parsec"), None);
        assert!(prefix("10.0.0.0/8").is_some() && prefix("10.0.0.0/08").is_none() && cidr("10.0.0.0/08"));
        assert!(address("fe80::1%eth0").is_some() && address("10.0.0.1%x").is_none() && !ip("fe80::1%eth0"));
        assert!(address_port("[::1]:53") && address_port("1.1.1.1:53") && !address_port("::1:53"));
        assert!(split_host_port("a:b").is_some() && split_host_port("a:b:c").is_none());
        assert!(base64("YQ==").is_some() && base64("YQ").is_none() && base64("Y\nQ==").is_some());
    }
}
