//! Types of Talos that read themselves from a text: sizes, addresses, URLs, the words of enumerations.

use tazlab_go::{base64, netip, url};

use super::go;
use super::schema::schema;
use super::value::Data;

/// Reads a type that takes any text (`UnmarshalText`); the canonical text.
pub(super) fn word(name: &str, text: &str) -> Result<String, String> {
    if let Some(words) =
        schema().words.get(name).filter(|_| !matches!(name, "nethelpers.RoutingTable" | "nethelpers.FailOverMAC"))
    {
        let found =
            words.iter().find(|word| *word == text).or_else(|| words.iter().find(|word| **word == text.to_lowercase()));
        return found.cloned().ok_or_else(|| format!("one of {} is expected here", words.join(", ")));
    }
    let fits = match name {
        "nethelpers.RoutingTable" => {
            let lower = text.to_lowercase();
            schema().words.get(name).is_some_and(|words| words.iter().any(|word| word == text || *word == lower))
        }
        "netip.Addr" | "network.Addr" => text.is_empty() || netip::parse_addr(text).is_some(),
        "netip.AddrPort" | "network.AddrPort" => text.is_empty() || netip::is_addr_port(text),
        "netip.Prefix" | "network.Prefix" => text.is_empty() || netip::parse_prefix(text).is_some(),
        "nethelpers.HardwareAddr" => {
            let digits = text.replace(':', "");
            digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        "block.ByteSize" => text.is_empty() || go::bytes(magnitude(text)).is_some(),
        "block.Size" => {
            let bare = magnitude(text);
            text.is_empty()
                || bare.strip_suffix('%').map_or(!bare.contains('%') && go::bytes(bare).is_some(), percentage)
        }
        // A number is taken for old configurations' sake.
        "nethelpers.FailOverMAC" => {
            matches!(text, "" | "none" | "active" | "follow")
                || text.parse::<i8>().is_ok_and(|number| (0..=2).contains(&number))
        }
        // An expression is compiled by Talos alone.
        _ => true,
    };
    let expected = match name {
        "netip.Addr" | "network.Addr" => "an IP address",
        "netip.AddrPort" | "network.AddrPort" => "an IP address with a port",
        "netip.Prefix" | "network.Prefix" => "a subnet as in 10.0.0.0/8",
        "nethelpers.HardwareAddr" => "pairs of hexadecimal digits",
        "nethelpers.RoutingTable" => "a routing table: a number up to 255, or main, local, default",
        "nethelpers.FailOverMAC" => "none, active or follow",
        "block.Size" => "a size as in 10GiB, or a percentage as in 25%",
        _ => "a size as in 10GiB",
    };
    if fits { Ok(text.to_owned()) } else { Err(format!("{expected} is expected here")) }
}

/// A size without its sign: a negative one is what is left free.
pub(super) fn magnitude(text: &str) -> &str {
    text.strip_prefix('-').unwrap_or(text)
}

fn percentage(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|value| (0.0..=100.0).contains(&value))
}

/// Reads a type that decodes itself from one text.
pub(super) fn text(name: &str, text: &str) -> Result<Data, String> {
    let word = || Ok(Data::Text(text.to_owned()));
    match name {
        "v1alpha1.Endpoint" | "meta.URL" if text.is_empty() && name == "meta.URL" => Ok(Data::Null),
        "v1alpha1.Endpoint" | "meta.URL" => match url::parse(text) {
            Some(_) => word(),
            None => Err("a URL is expected here".to_owned()),
        },
        "v1alpha1.Base64Bytes" => match base64::decode_string(text) {
            Some(_) => word(),
            None => Err("this must be base64, with its padding".to_owned()),
        },
        "v1alpha1.DiskSize" => match go::bytes(text) {
            Some(size) => Ok(Data::Int(size.into())),
            None => Err("a size as in 10GiB is expected here".to_owned()),
        },
        "v1alpha1.InstallDiskSizeMatcher" => match go::bytes(condition(text)) {
            Some(_) => word(),
            None => Err("a condition as in >= 10GB is expected here".to_owned()),
        },
        _ => word(),
    }
}

/// The size in a condition: what follows the first operator, wherever that stands.
fn condition(text: &str) -> &str {
    let text = text.trim();
    let operator = [">=", "<=", "==", ">", "<"].into_iter().find_map(|operator| text.strip_prefix(operator));
    operator.unwrap_or(text).trim()
}
