//! Domain names and zones, with the rules of `CoreDNS`'s `plugin.SplitHostPort` and of the dns library that it uses.

use tazlab_go::{net, strconv};

use super::network;
use super::transport::transport;

/// Whether the dns library takes a text for a domain name: labels of at most 63 bytes, no empty one, no loose backslash.
pub(crate) fn is_name(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let qualified = qualify(text);
    let bytes = qualified.as_bytes();
    let (mut offset, mut begin, mut at) = (0usize, 0usize, 0usize);
    let (mut was_dot, mut escape) = (false, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                escape = !escape;
                if offset + 1 > 256 {
                    return false;
                }
                let ddd = bytes.get(at + 1..at + 4).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
                let skipped = if ddd { 3 } else { 1 };
                at += skipped;
                begin += skipped;
                was_dot = false;
            }
            b'.' => {
                escape = false;
                if (at == 0 && bytes.len() > 1) || was_dot {
                    return false;
                }
                was_dot = true;
                let length = at.saturating_sub(begin);
                if length >= 64 {
                    return false;
                }
                offset += 1 + length;
                if offset > 256 {
                    return false;
                }
                begin = at + 1;
            }
            _ => {
                escape = false;
                was_dot = false;
            }
        }
        at += 1;
    }
    !escape
}

/// `dns.Fqdn`: with a dot at the end, unless one stands there that is not escaped.
pub(crate) fn qualify(text: &str) -> String {
    if is_qualified(text) { text.to_owned() } else { format!("{text}.") }
}

fn is_qualified(text: &str) -> bool {
    let Some(stem) = text.strip_suffix('.') else { return false };
    let backslashes = stem.len() - stem.trim_end_matches('\\').len();
    backslashes % 2 == 0
}

/// Lower case and qualified.
pub(crate) fn normalize(text: &str) -> String {
    qualify(text).to_lowercase()
}

/// Whether `child` is `parent` or below it; both normalized.
pub(crate) fn is_within(child: &str, parent: &str) -> bool {
    parent == "." || child == parent || child.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a normalized name lies in the trees of reverse names.
pub(crate) fn is_reverse(name: &str) -> bool {
    [".in-addr.arpa.", ".ip6.arpa."].iter().any(|tree| name.ends_with(tree))
}

/// Why a text is not a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZoneError {
    #[error("nothing follows the last colon")]
    EmptyPort,
    #[error("a zone has at most 255 characters")]
    TooLong,
    #[error("not a domain name")]
    NotAName,
    #[error("not a network in CIDR notation that CoreDNS accepts")]
    BadNetwork,
}

/// `plugin.SplitHostPort`: the zones of a text (several for a network off the label boundary) and its port, if any.
pub(crate) fn zones_and_port(text: &str) -> Result<(Vec<String>, Option<i64>), ZoneError> {
    let mut zone = text;
    let mut port = None;
    if let Some((before, after)) = text.rsplit_once(':') {
        if after.is_empty() {
            return Err(ZoneError::EmptyPort);
        }
        if let Some(number) = strconv::atoi(after) {
            port = Some(number);
            zone = before;
        }
    } else if text.is_empty() {
        // CoreDNS compares the place of no colon, -1, with the last byte of nothing.
        return Err(ZoneError::EmptyPort);
    }
    if zone.len() > 255 {
        return Err(ZoneError::TooLong);
    }
    if !is_name(zone) {
        return Err(ZoneError::NotAName);
    }
    let Some(network) = net::parse_cidr(zone) else { return Ok((vec![zone.to_owned()], port)) };
    if zone.starts_with(':') || (zone.starts_with('0') && zone.contains(':')) {
        return Err(ZoneError::BadNetwork);
    }
    Ok((network::split_at_label(network).into_iter().map(network::reverse_zone).collect(), port))
}

/// `plugin.Host.NormalizeExact`: the zones of an argument, without scheme and port; none if it is not a zone.
pub(crate) fn zones(text: &str) -> Vec<String> {
    let (_, rest) = transport(text);
    zones_and_port(rest).map(|(zones, _)| zones.iter().map(|zone| normalize(zone)).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, good) in [
            (".", true),
            ("a", true),
            ("a.b.", true),
            ("_x._tcp.a", true),
            ("*.a", true),
            ("10.0.0.0/8", true),
            ("http://x", true),
            ("", false),
            (".a", false),
            ("a..b", false),
            ("a\\", false),
            ("a\\.b", true),
        ] {
            assert_eq!(is_name(text), good, "{text}");
        }
        assert!(is_name(&"a".repeat(63)));
        assert!(!is_name(&"a".repeat(64)));
    }

    #[test]
    fn within() {
        assert!(is_within("a.b.", "b."));
        assert!(is_within("b.", "b."));
        assert!(is_within("b.", "."));
        assert!(!is_within("ab.", "b."));
    }
}
