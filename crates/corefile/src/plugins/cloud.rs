//! Zones that live in other services: `route53`, `azure`, `clouddns`, `etcd`, `nomad`.

use tazlab_go::{strconv, time};

use super::grammar::{
    Arguments, Block, FALLTHROUGH, Head, Occurs, Opt, PLUGIN, Plugin, UPSTREAM, at_least, between, custom, exactly,
    flag, one, takes,
};
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};
use crate::lexer::Token;

fn needs_service(stanza: &mut Stanza) {
    stanza.context.requirements.push(Requirement::Service { plugin: stanza.plugin.name.into() });
}

/// Zones written as `A:B[:C]`, none of them twice.
fn mapped_zones(stanza: &mut Stanza, parts: usize) -> Judged {
    let arguments = stanza.words.arguments();
    for (index, token) in arguments.iter().enumerate() {
        let pieces: Vec<&str> = token.text.splitn(parts, ':').collect();
        let form = if parts == 2 { "ZONE:ID" } else { "ZONE:PROJECT:ID" };
        if pieces.len() != parts || pieces.iter().any(|piece| piece.is_empty()) {
            let message = format!("`{}` is not of the form {form}", token.text);
            return Err(stanza.refuse(Kind::Value, token, message, format!("write {form}")));
        }
        if arguments.iter().take(index).any(|earlier| earlier.text == token.text) {
            return Err(stanza.refuse(
                Kind::Repeated,
                token,
                format!("`{}` is set more than once", token.text),
                "remove one of them",
            ));
        }
    }
    stanza.arguments = arguments;
    Ok(())
}

/// `refresh DURATION`, more than nothing; a plain number counts seconds.
const REFRESH: Opt = custom("refresh", |stanza, name| {
    let token = stanza.take_one(name, &Value::Any)?;
    let seconds = strconv::atoi(&token.text).map(|_| format!("{}s", token.text));
    if time::parse_duration(seconds.as_deref().unwrap_or(&token.text)).is_some_and(|time| time > 0) {
        return Ok(());
    }
    let message = format!("`{}` is not a positive duration", token.text);
    Err(stanza.refuse(Kind::Value, token, message, "write for example 60s"))
});

pub(super) const ROUTE53: Plugin = Plugin {
    name: "route53",
    usage: "route53 [ZONE:HOSTED_ZONE_ID…]",
    head: Head::Custom(|stanza| mapped_zones(stanza, 2)),
    block: Block::Options(&[
        takes("aws_access_key", at_least(2, &[Value::Any])),
        one("aws_endpoint", Value::Any),
        UPSTREAM,
        custom("credentials", |stanza, name| {
            stanza.take_one(name, &Value::Any)?;
            stanza.words.next_argument();
            Ok(())
        }),
        FALLTHROUGH,
        REFRESH,
    ]),
    finish: needs_service,
    ..PLUGIN
};

pub(super) const AZURE: Plugin = Plugin {
    name: "azure",
    usage: "azure RESOURCE_GROUP:ZONE…",
    head: Head::Custom(|stanza| mapped_zones(stanza, 2)),
    block: Block::Options(&[
        one("subscription", Value::Any),
        one("tenant", Value::Any),
        one("client", Value::Any),
        one("secret", Value::Any),
        one(
            "environment",
            Value::WordAnyCase(&[
                "azurechinacloud",
                "azuregermancloud",
                "azurepubliccloud",
                "azureusgovernmentcloud",
                "azurecloud",
                "azureusgovernment",
            ]),
        ),
        FALLTHROUGH,
        one("access", Value::Word(&["public", "private"])),
        REFRESH,
    ]),
    finish: needs_service,
    ..PLUGIN
};

pub(super) const CLOUDDNS: Plugin = Plugin {
    name: "clouddns",
    usage: "clouddns ZONE:PROJECT:HOSTED_ZONE…",
    head: Head::Custom(|stanza| mapped_zones(stanza, 3)),
    block: Block::Options(&[
        UPSTREAM,
        one("credentials", Value::NamedFile),
        one("endpoint", Value::Any),
        FALLTHROUGH,
        REFRESH,
    ]),
    finish: needs_service,
    ..PLUGIN
};

pub(super) const ETCD: Plugin = Plugin {
    name: "etcd",
    usage: "etcd [ZONES…]",
    occurs: Occurs::FirstCounts,
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(&[
        flag("stubzones"),
        FALLTHROUGH,
        flag("debug"),
        takes("no_apex_fallback", Arguments::NONE),
        one("path", Value::Any),
        takes("endpoint", at_least(1, &[Value::Any])),
        UPSTREAM,
        takes("tls", between(0, 3, &[Value::File])),
        takes("credentials", exactly(2, &[Value::Any])),
        custom("min-lease-ttl", lease),
        custom("max-lease-ttl", lease),
    ]),
    finish: needs_service,
    ..PLUGIN
};

/// Seconds, or a duration, up to the largest TTL.
fn lease<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let token = stanza.take_one(name, &Value::Any)?;
    let text = token.text.trim();
    let seconds = strconv::parse_uint(text, 64).map(|_| format!("{text}s"));
    let time = time::parse_duration(seconds.as_deref().unwrap_or(text));
    if text.is_empty() || time.is_some_and(|time| (0..=i64::from(u32::MAX) * time::SECOND).contains(&time)) {
        return Ok(());
    }
    let message = format!("`{text}` is not a TTL");
    Err(stanza.refuse(Kind::Value, token, message, "write for example 30, 5m or 1h"))
}

const NOMAD_OPTIONS: &[Opt] = &[
    takes("address", at_least(1, &[Value::Any])),
    takes("filter", exactly(1, &[Value::Any])),
    takes("token", exactly(1, &[Value::Any])),
    takes("ttl", exactly(1, &[Value::TTL])),
];

pub(super) const NOMAD: Plugin = Plugin {
    name: "nomad",
    usage: "nomad [ZONE]",
    occurs: Occurs::FirstCounts,
    head: Head::Arguments(at_least(0, &[Value::Any])),
    block: Block::Options(NOMAD_OPTIONS),
    any_case: true,
    finish: needs_service,
};
