//! Canonical names. A device asks for a name (`hostname`) and gets a label (the first one of its `name`); where another
//! device holds the label already, the tailnet appends `-1`, `-2`, … The name without that number is the canonical one.

use tazlab_clients::tailscale::Device;

/// The longest label of DNS.
const LONGEST: usize = 63;

/// The first label of a `MagicDNS` name.
#[must_use]
pub fn label(name: &str) -> String {
    name.split('.').next().unwrap_or_default().to_ascii_lowercase()
}

/// What follows the first label of a `MagicDNS` name: the tailnet's suffix, in lower case.
#[must_use]
pub fn suffix(name: &str) -> Option<String> {
    let (_, suffix) = name.trim_end_matches('.').split_once('.')?;
    (!suffix.is_empty()).then(|| suffix.to_ascii_lowercase())
}

/// The canonical name that a name or label alone suggests: without a number at its end.
#[must_use]
pub fn canonical(name: &str) -> String {
    let label = label(name);
    unnumbered(&label).map_or_else(|| label.clone(), ToOwned::to_owned)
}

/// The canonical name of a device. The number counts as the tailnet's only where the device asked for the name before it:
/// a device that is *called* `name-1` is no other's ghost, and neither is one that somebody renamed by hand.
#[must_use]
pub fn of(device: &Device) -> String {
    let label = label(&device.name);
    let asked = asked(&device.hostname);
    match unnumbered(&label) {
        Some(base) if base == asked => asked,
        _ => label,
    }
}

/// A label without the number that the tailnet appends: it counts from 1.
fn unnumbered(label: &str) -> Option<&str> {
    let (base, number) = label.rsplit_once('-')?;
    let counts = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty() && !number.starts_with('0');
    (counts && !base.is_empty()).then_some(base)
}

/// The label that a host name asks for: the tailnet's client cuts what local networks append, turns separators into
/// hyphens and drops what no label may have (tailscale, util/dnsname, `SanitizeHostname`).
fn asked(hostname: &str) -> String {
    let mut text = hostname;
    for suffix in [".local", ".localdomain", ".lan"] {
        text = text.strip_suffix(suffix).unwrap_or(text);
    }
    let bytes = text.as_bytes();
    let text = bytes.get(..LONGEST).unwrap_or(bytes);
    let start = text.iter().position(u8::is_ascii_alphanumeric).unwrap_or(text.len());
    let end = text.iter().rposition(u8::is_ascii_alphanumeric).map_or(start, |last| last + 1);
    text.get(start..end)
        .unwrap_or_default()
        .iter()
        .filter_map(|byte| match byte {
            b' ' | b'.' | b'@' | b'_' | b'-' => Some('-'),
            byte if byte.is_ascii_alphanumeric() => Some(char::from(byte.to_ascii_lowercase())),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, hostname: &str) -> Device {
        Device { name: name.into(), hostname: hostname.into(), ..Device::default() }
    }

    #[test]
    fn the_tailnets_number_is_cut_and_a_devices_own_is_not() {
        for (name, hostname, canonical) in [
            ("lushycorp-k8s.x.ts.net", "lushycorp-k8s", "lushycorp-k8s"),
            ("lushycorp-k8s-1.x.ts.net", "lushycorp-k8s", "lushycorp-k8s"),
            ("lushycorp-k8s-12.x.ts.net.", "LushyCorp_K8s", "lushycorp-k8s"),
            // Called so, and not a ghost of another.
            ("lushycorp-k8s-1.x.ts.net", "lushycorp-k8s-1", "lushycorp-k8s-1"),
            ("lushycorp-k8s-1-1.x.ts.net", "lushycorp-k8s-1", "lushycorp-k8s-1"),
            // Renamed by hand.
            ("lushycorp-k8s-1.x.ts.net", "node-7", "lushycorp-k8s-1"),
            ("lushycorp-k8s-1.x.ts.net", "", "lushycorp-k8s-1"),
            ("lushycorp-k8s-vault.x.ts.net", "lushycorp-k8s-vault", "lushycorp-k8s-vault"),
            ("proxy-0.x.ts.net", "proxy", "proxy-0"),
            ("proxy-01.x.ts.net", "proxy", "proxy-01"),
            ("mac.x.ts.net", "Mac.local", "mac"),
            ("mac-2.x.ts.net", "Mac.lan", "mac"),
            ("", "", ""),
        ] {
            assert_eq!(of(&device(name, hostname)), canonical, "{name} {hostname}");
        }
    }

    #[test]
    fn a_name_alone_is_cut() {
        for (name, expected) in [
            ("A-1.x.ts.net", "a"),
            ("a-0", "a-0"),
            ("a-1-2", "a-1"),
            ("a", "a"),
            ("a-", "a-"),
            ("-1", "-1"),
            ("7", "7"),
        ] {
            assert_eq!(canonical(name), expected, "{name}");
        }
    }
}
