//! The head of a server block: `scheme://zone:port`, expanded to the zones that it serves and checked for two blocks
//! that claim the same one (`core/dnsserver/register.go` and `address.go` of `CoreDNS` 1.15.0).

use std::collections::HashMap;

use super::diagnostic::{Finding, Kind};
use super::domain;
use super::encryption::Encryption;
use super::parser::ServerBlock;
use super::source::Span;
use super::transport::{Transport, transport};

/// A zone that a server block serves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Zone {
    pub(crate) name: String,
    /// `None` for a socket.
    pub(crate) port: Option<i64>,
    pub(crate) transport: Transport,
}

/// The zones of a block's keys. Keys that are no zones are reported and left out.
pub(crate) fn zones(block: &ServerBlock, findings: &mut Vec<Finding>) -> Vec<Zone> {
    let mut zones = Vec::new();
    for key in block.keys.iter().filter(|key| !key.unknown) {
        if &*key.text == "}" {
            let message = "this `}` closes nothing: CoreDNS takes it for the zone \"}.\"";
            findings.push(Finding::warning(Kind::Syntax, key.span, message).fix("remove it"));
        } else if let Some(zone) = key.text.strip_suffix('{') {
            let message = "the `{` is part of the zone's name here";
            let fix = format!("put a blank before it: `{zone} {{`");
            findings.push(Finding::warning(Kind::Address, key.span, message).fix(fix));
        } else if key.text.contains("://") && transport(&key.text).1.len() == key.text.len() {
            let message =
                format!("`{}` has a scheme that CoreDNS does not support: it serves a zone of that name", key.text);
            let fix = "use dns://, tls://, quic://, grpc://, https:// or https3://";
            findings.push(Finding::warning(Kind::Address, key.span, message).fix(fix));
        }
        let (transport, rest) = transport(&key.text);
        let found = domain::zones_and_port(rest).and_then(|(names, port)| {
            // CoreDNS looks at the qualified name once more.
            for name in &names {
                domain::zones_and_port(&domain::qualify(name))?;
            }
            Ok((names, port))
        });
        match found {
            Ok((names, port)) => {
                let port = port.or(transport.default_port());
                if let Some(port) = port.filter(|port| !(0..=65_535).contains(port)) {
                    let message = format!("{port} is not a port");
                    findings
                        .push(Finding::error(Kind::Address, key.span, message).fix("write a number from 1 to 65535"));
                }
                zones.extend(names.iter().map(|name| Zone { name: domain::normalize(name), port, transport }));
            }
            Err(error) => {
                let message = format!("`{}` is not a zone: {error}", key.text);
                let fix = "write a domain name such as `example.org` or `.`, or a network such as 10.0.0.0/8, with `:port` if needed";
                findings.push(Finding::error(Kind::Address, key.span, message).fix(fix));
            }
        }
    }
    zones
}

/// What a block listens on.
pub(crate) struct Listener<'a> {
    pub(crate) zones: &'a [Zone],
    /// Addresses of `bind`; an empty string for all of them.
    pub(crate) hosts: &'a [String],
    /// A block with a `view` may share its zone with others.
    pub(crate) filtered: bool,
    pub(crate) encryption: &'a Encryption,
    pub(crate) span: Span,
}

/// Finds blocks that claim the same zone and port, also by an address that another block covers.
pub(crate) fn overlaps(listeners: &[Listener], findings: &mut Vec<Finding>) {
    let mut bound: HashMap<(&Zone, &str), Span> = HashMap::new();
    let mut claimed: HashMap<&Zone, Span> = HashMap::new();
    for listener in listeners {
        for zone in listener.zones {
            for host in listener.hosts {
                let same = bound.get(&(zone, host.as_str()));
                let overlapping = match host.as_str() {
                    "" => claimed.get(zone),
                    _ => bound.get(&(zone, "")),
                };
                let earlier = match (same, overlapping) {
                    (Some(_), _) if listener.filtered => None,
                    (Some(earlier), _) | (None, Some(earlier)) => Some(*earlier),
                    (None, None) => None,
                };
                if let Some(earlier) = earlier {
                    let place = zone.port.map_or_else(String::new, |port| format!(" on port {port}"));
                    let twice =
                        if earlier == listener.span { "by this block twice" } else { "by another server block" };
                    let message = format!("the zone {}{place} is already served {twice}", zone.name);
                    let fix = "join the two blocks, give one another port, or tell them apart with `view`";
                    findings.push(Finding::error(Kind::DuplicateZone, listener.span, message).fix(fix));
                } else if same.is_none() && !listener.filtered {
                    bound.insert((zone, host), listener.span);
                    claimed.insert(zone, listener.span);
                }
            }
        }
    }
}
