//! Plugins that translate addresses between IPv4 and IPv6: `dns64` and `siit`.

use std::net::IpAddr;

use tazlab_go::net;

use super::grammar::{Arguments, Block, Head, Opt, PLUGIN, Plugin, between, custom, exactly, flag};
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::Kind;
use crate::lexer::Token;

pub(super) const DNS64: Plugin = Plugin {
    name: "dns64",
    usage: "dns64 [PREFIX]",
    head: Head::Arguments(between(0, 1, &[Value::Any])),
    block: Block::Custom(|stanza| {
        // With a prefix on its line, no block is read.
        if let Some(prefix) = stanza.arguments.first().copied() {
            let _ = translation_prefix(stanza, prefix);
            return;
        }
        stanza.read_options(DNS64_OPTIONS);
    }),
    ..PLUGIN
};

const DNS64_OPTIONS: &[Opt] = &[
    custom("prefix", |stanza, name| {
        let prefix = stanza.take_one(name, &Value::Any)?;
        translation_prefix(stanza, prefix).map(|_| ())
    }),
    flag("translate_all"),
    flag("allow_ipv4"),
];

pub(super) const SIIT: Plugin = Plugin {
    name: "siit",
    usage: "siit",
    head: Head::Arguments(Arguments::NONE),
    block: Block::Options(&[
        custom("ipv6_prefix", |stanza, name| {
            let token = stanza.take_one(name, &Value::Any)?;
            let network = translation_prefix(stanza, token)?;
            // RFC 6052, section 2.2.
            if matches!(network.address(), IpAddr::V6(address) if address.octets().get(8) == Some(&0)) {
                return Ok(());
            }
            let message = format!("bits 64 to 71 of `{}` are not zero", token.text);
            Err(stanza.refuse(Kind::Value, token, message, "write a prefix whose ninth byte is zero (RFC 6052)"))
        }),
        custom("eam", explicit_mapping),
    ]),
    ..PLUGIN
};

/// An IPv6 prefix of one of the lengths of RFC 6052.
fn translation_prefix(stanza: &mut Stanza, prefix: &Token) -> Result<net::Network, super::stanza::Stop> {
    let good = net::parse_cidr(&prefix.text)
        .filter(|network| network.address().is_ipv6() && matches!(network.prefix(), 32 | 40 | 48 | 56 | 64 | 96));
    good.ok_or_else(|| {
        let message = format!("`{}` is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits", prefix.text);
        stanza.refuse(Kind::Value, prefix, message, "write for example 64:ff9b::/96")
    })
}

/// `eam IPV4 IPV6`; for Go an address of IPv4 in IPv6's notation is one of IPv4.
fn explicit_mapping<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let [four, six] = *stanza.take(name, exactly(2, &[Value::Ip]))?.as_slice() else { return Ok(()) };
    for (token, expected_four, what) in [(four, true, "an IPv4 address"), (six, false, "an IPv6 address")] {
        let is_four = net::parse_ip(&token.text).is_some_and(|ip| ip.to_canonical().is_ipv4());
        if is_four != expected_four {
            let fix = "write for example: eam 192.0.2.1 2001:db8::1";
            return Err(stanza.refuse(Kind::Value, token, format!("`{}` is not {what}", token.text), fix));
        }
    }
    Ok(())
}
