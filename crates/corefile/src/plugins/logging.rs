//! Plugins that write down what happens: errors, queries, dnstap, traces.

use tazlab_go::url;

use super::grammar::{Block, Head, Occurs, PLUGIN, Plugin, at_least, between, custom, exactly, flag, one, takes};
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::Kind;
use crate::lexer::Token;

pub(super) const ERRORS: Plugin = Plugin {
    name: "errors",
    usage: "errors",
    occurs: Occurs::Once,
    head: Head::Arguments(between(0, 1, &[Value::Word(&["stdout"])])),
    block: Block::Options(&[flag("stacktrace"), custom("consolidate", consolidate)]),
    ..PLUGIN
};

/// `consolidate DURATION REGEX [LEVEL] [show_first]`, the last two in that order.
fn consolidate<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, between(2, 4, &[Value::ANY_DURATION, Value::Pattern, Value::Any]))?;
    let (mut level, mut show_first) = (false, false);
    for token in arguments.iter().skip(2) {
        match &*token.text {
            "warning" | "error" | "info" | "debug" => {
                if level || show_first {
                    let message = "the level must be set once, before `show_first`";
                    return Err(stanza.refuse(
                        Kind::Conflict,
                        token,
                        message,
                        "write: DURATION REGEX LEVEL show_first",
                    ));
                }
                level = true;
            }
            "show_first" => show_first = true,
            _ => return stanza.judge_value(&Value::Word(&["warning", "error", "info", "debug", "show_first"]), token),
        }
    }
    Ok(())
}

pub(super) const LOG: Plugin = Plugin {
    name: "log",
    usage: "log [NAMES…] [FORMAT]",
    head: Head::Arguments(at_least(0, &[Value::Any])),
    block: Block::Options(&[takes("class", at_least(1, &[Value::Word(&["all", "success", "denial", "error"])]))]),
    ..PLUGIN
};

pub(super) const DNSTAP: Plugin = Plugin {
    name: "dnstap",
    usage: "dnstap [listen] SOCKET [full] [BUFFER] [QUEUE]",
    head: Head::Custom(dnstap),
    block: Block::Options(&[
        flag("skipverify"),
        custom("tls", |stanza, name| {
            if !stanza.arguments.first().is_some_and(|word| word.is("listen")) {
                let message = "`tls` is for dnstap listeners only";
                return Err(stanza.refuse(Kind::Conflict, name, message, "remove it, or write `dnstap listen …`"));
            }
            stanza.take(name, at_least(2, &[Value::Any])).map(|_| ())
        }),
        one("identity", Value::Any),
        one("version", Value::Any),
        one("extra", Value::Any),
    ]),
    ..PLUGIN
};

fn dnstap(stanza: &mut Stanza) -> Judged {
    let all = stanza.take(stanza.name, at_least(1, &[Value::Any]))?;
    stanza.arguments.clone_from(&all);
    let listens = all.first().is_some_and(|word| word.is("listen"));
    let Some((endpoint, rest)) = all.get(usize::from(listens)..).and_then(<[_]>::split_first) else {
        let message = "`dnstap listen` needs an endpoint";
        return Err(stanza.refuse(Kind::ArgumentCount, stanza.name, message, "write for example tcp://127.0.0.1:6000"));
    };
    // MiB of the write buffer, and units of ten thousand messages: dnstap/setup.go.
    for (index, most) in [(1, 1024), (2, 4096)] {
        if let Some(token) = rest.get(index) {
            stanza.judge_value(&Value::Integer { least: 1, most }, token)?;
        }
    }
    let remote = endpoint.text.starts_with("tls://") || endpoint.text.starts_with("tcp://");
    if remote && url::parse(&endpoint.text).is_none() {
        let message = format!("`{}` is not a URL", endpoint.text);
        return Err(stanza.refuse(Kind::Value, endpoint, message, "write tcp://HOST:PORT"));
    }
    Ok(())
}

pub(super) const TRACE: Plugin = Plugin {
    name: "trace",
    usage: "trace [zipkin|datadog] [ENDPOINT]",
    head: Head::Custom(|stanza| {
        let arguments = stanza.take(stanza.name, between(0, 2, &[Value::Any]))?;
        match *arguments.as_slice() {
            [kind, _] => stanza.judge_value(&Value::WordAnyCase(&["zipkin", "datadog"]), kind),
            _ => Ok(()),
        }
    }),
    block: Block::Options(&[
        takes("every", exactly(1, &[Value::Unsigned { bits: 64 }])),
        takes("service", exactly(1, &[Value::Any])),
        takes("client_server", between(0, 1, &[Value::Truth])),
        takes("datadog_analytics_rate", between(0, 1, &[Value::Float { least: 0.0, most: 1.0 }])),
        takes("zipkin_max_backlog_size", exactly(1, &[Value::ANY_INTEGER])),
        takes("zipkin_max_batch_size", exactly(1, &[Value::ANY_INTEGER])),
        takes("zipkin_max_batch_interval", exactly(1, &[Value::ANY_DURATION])),
    ]),
    ..PLUGIN
};
