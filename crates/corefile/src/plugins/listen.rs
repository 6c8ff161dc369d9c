//! How a server listens: addresses, transports, limits on connections.

use tazlab_go::{net, strconv, time};

use super::grammar::{
    Arguments, Block, Head, Occurs, Opt, PLUGIN, Plugin, at_least, between, custom, exactly, once, takes,
};
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};
use crate::lexer::Token;
use crate::transport::Transport;

/// A plugin that only sets limits of one transport.
const LIMITS: Plugin = Plugin { occurs: Occurs::FirstCounts, head: Head::Arguments(Arguments::NONE), ..PLUGIN };

const fn limit(name: &'static str, value: &'static [Value]) -> Opt {
    once(name, exactly(1, value))
}

pub(super) const QUIC: Plugin = Plugin {
    name: "quic",
    usage: "quic { max_streams N }",
    block: Block::Options(&[
        limit("max_streams", &[Value::POSITIVE]),
        limit("max_connections", &[Value::NOT_NEGATIVE]),
        limit("worker_pool_size", &[Value::POSITIVE]),
    ]),
    ..LIMITS
};

pub(super) const GRPC_SERVER: Plugin = Plugin {
    name: "grpc_server",
    usage: "grpc_server { max_streams N }",
    block: Block::Options(&[
        limit("max_streams", &[Value::NOT_NEGATIVE]),
        limit("max_connections", &[Value::NOT_NEGATIVE]),
    ]),
    ..LIMITS
};

pub(super) const HTTPS: Plugin = Plugin {
    name: "https",
    usage: "https { max_connections N }",
    block: Block::Options(&[
        limit("max_connections", &[Value::NOT_NEGATIVE]),
        limit("max_streams", &[Value::Integer { least: 0, most: u32::MAX as i64 }]),
    ]),
    ..LIMITS
};

pub(super) const HTTPS3: Plugin = Plugin {
    name: "https3",
    usage: "https3 { max_streams N }",
    block: Block::Options(&[
        limit("max_streams", &[Value::NOT_NEGATIVE]),
        limit("max_connections", &[Value::NOT_NEGATIVE]),
    ]),
    ..LIMITS
};

pub(super) const MULTISOCKET: Plugin = Plugin {
    name: "multisocket",
    usage: "multisocket [SOCKETS]",
    occurs: Occurs::Alone,
    head: Head::Arguments(between(0, 1, &[Value::Integer { least: 1, most: 1024 }])),
    ..PLUGIN
};

pub(super) const PROXYPROTO: Plugin = Plugin {
    name: "proxyproto",
    usage: "proxyproto",
    head: Head::Arguments(Arguments::NONE),
    block: Block::Options(&[
        takes("allow", at_least(0, &[Value::Network])),
        takes("default", exactly(1, &[Value::WordAnyCase(&["use", "ignore", "reject", "skip"])])),
        takes("udp_session_tracking", between(1, 2, &[Value::ANY_DURATION, Value::POSITIVE])),
        takes("tlv_metadata", Arguments::NONE),
    ]),
    ..PLUGIN
};

pub(super) const TIMEOUTS: Plugin = Plugin {
    name: "timeouts",
    usage: "timeouts { read 5s }",
    head: Head::Arguments(Arguments::NONE),
    block: Block::Options(&[
        custom("read", timeout),
        custom("write", timeout),
        custom("idle", timeout),
        custom("maxtcpqueries", |stanza, name| {
            let [count] = *stanza.take(name, exactly(1, &[Value::ANY_INTEGER]))?.as_slice() else { return Ok(()) };
            if matches!(strconv::atoi(&count.text), Some(-1 | 1..)) {
                return Ok(());
            }
            let message = format!("`{}` is neither -1 nor positive", count.text);
            Err(stanza.refuse(Kind::Value, count, message, "write -1 for no limit, or a positive number"))
        }),
    ]),
    finish: |stanza| {
        let bad = stanza.context.findings.iter().any(|found| found.plugin.as_deref() == Some("timeouts"));
        if stanza.options.is_empty() && !bad {
            let fix = "add read, write or idle with a duration, each on its own line";
            stanza.refuse(Kind::ArgumentCount, stanza.name, "a timeouts block without timeouts", fix);
        }
    },
    ..PLUGIN
};

/// A duration from 1 second to a day; a plain number counts seconds.
fn timeout<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let [token] = *stanza.take(name, exactly(1, &[Value::Any]))?.as_slice() else { return Ok(()) };
    let seconds = strconv::atoi(&token.text).map(|_| format!("{}s", token.text));
    let time = time::parse_duration(seconds.as_deref().unwrap_or(&token.text));
    if time.is_some_and(|time| (time::SECOND..=24 * time::HOUR).contains(&time)) {
        return Ok(());
    }
    let message = format!("`{}` is not a duration from 1s to 24h", token.text);
    Err(stanza.refuse(Kind::Value, token, message, "write for example 5s"))
}

pub(super) const BIND: Plugin = Plugin {
    name: "bind",
    usage: "bind ADDRESS|INTERFACE…",
    head: Head::Arguments(at_least(1, &[Value::Any])),
    block: Block::Options(&[takes("except", at_least(1, &[Value::Any]))]),
    finish: |stanza| {
        let except: Vec<String> = stanza
            .options
            .iter()
            .flat_map(|option| option.arguments.iter().map(|token| token.text.to_string()))
            .collect();
        if let Some(brace) = stanza.arguments.iter().copied().find(|token| token.is("}")) {
            stanza.refuse(Kind::Value, brace, "`}` is not an address or interface", "put `}` on a line of its own");
            return;
        }
        let mut hosts = stanza.context.listen_on.take().unwrap_or_default();
        for token in stanza.arguments.iter().filter(|token| net::parse_ip(&token.text).is_none()) {
            stanza.context.requirements.push(Requirement::Interface(token.text.to_string()));
        }
        for name in except.iter().filter(|name| net::parse_ip(name).is_none()) {
            stanza.context.requirements.push(Requirement::Interface(name.clone()));
        }
        let named = stanza.arguments.iter().map(|token| token.text.to_string());
        hosts.extend(named.filter(|host| !except.contains(host)));
        stanza.context.listen_on = Some(hosts);
    },
    ..PLUGIN
};

pub(super) const SHED: Plugin = Plugin {
    name: "shed",
    usage: "shed",
    occurs: Occurs::Once,
    head: Head::Arguments(Arguments::NONE),
    block: Block::Refused,
    finish: |stanza| {
        if let Some(zone) = stanza.context.zones.iter().find(|zone| zone.transport != Transport::Dns) {
            let message = format!("shed works for plain DNS only, and this block serves {}://", zone.transport.name());
            stanza.refuse(Kind::Conflict, stanza.name, message, "move shed to a server block of plain DNS");
        }
    },
    ..PLUGIN
};
