//! Plugins with little grammar: switches, single values, answers that CoreDNS makes itself.

use super::grammar::{Arguments, Block, Head, Occurs, Opt, PLUGIN, Plugin, at_least, between, exactly, flag, takes};
use super::value::Value;
use crate::diagnostic::Kind;
use tazlab_go::time::{SECOND, parse_duration};

pub(super) const ROOT: Plugin = Plugin { name: "root", usage: "root PATH", head: Head::One(Value::File), ..PLUGIN };

pub(super) const METADATA: Plugin = Plugin {
    name: "metadata",
    usage: "metadata [ZONES…]",
    occurs: Occurs::Alone,
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Refused,
    ..PLUGIN
};

pub(super) const GEOIP: Plugin = Plugin {
    name: "geoip",
    usage: "geoip DATABASE",
    occurs: Occurs::Once,
    head: Head::Leading(&[Value::NamedFile], Arguments::NONE),
    block: Block::Options(&[flag("edns-subnet")]),
    ..PLUGIN
};

pub(super) const CANCEL: Plugin = Plugin {
    name: "cancel",
    usage: "cancel [DURATION]",
    head: Head::Arguments(between(0, 1, &[Value::Duration { least: 1, most: i64::MAX }])),
    ..PLUGIN
};

pub(super) const RELOAD: Plugin = Plugin {
    name: "reload",
    usage: "reload [INTERVAL] [JITTER]",
    occurs: Occurs::FirstCounts,
    head: Head::Arguments(between(0, 2, &[Value::Duration { least: 2 * SECOND, most: i64::MAX }, Value::ANY_DURATION])),
    finish: |stanza| {
        if let [_, jitter] = *stanza.arguments.as_slice()
            && let Some(time) = parse_duration(&jitter.text)
            && time != 0
            && time < SECOND
        {
            let message = format!("the jitter `{}` is neither 0 nor at least 1s", jitter.text);
            stanza.refuse(Kind::Value, jitter, message, "write 0s, or 1s and more");
        }
    },
    ..PLUGIN
};

pub(super) const NSID: Plugin = Plugin {
    name: "nsid",
    usage: "nsid [TEXT]",
    occurs: Occurs::Once,
    head: Head::Arguments(at_least(0, &[Value::Any])),
    ..PLUGIN
};

pub(super) const BUFSIZE: Plugin = Plugin {
    name: "bufsize",
    usage: "bufsize [BYTES]",
    occurs: Occurs::FirstCounts,
    head: Head::Arguments(between(0, 1, &[Value::Integer { least: 512, most: 4096 }])),
    ..PLUGIN
};

pub(super) const DEBUG: Plugin = Plugin { name: "debug", usage: "debug", ..PLUGIN };
pub(super) const MINIMAL: Plugin = Plugin { name: "minimal", usage: "minimal", occurs: Occurs::FirstCounts, ..PLUGIN };
pub(super) const WHOAMI: Plugin = Plugin { name: "whoami", usage: "whoami", occurs: Occurs::FirstCounts, ..PLUGIN };
pub(super) const LOOP: Plugin = Plugin { name: "loop", usage: "loop", occurs: Occurs::Once, ..PLUGIN };

pub(super) const ANY: Plugin =
    Plugin { name: "any", usage: "any", occurs: Occurs::FirstCounts, block: Block::Refused, ..PLUGIN };

pub(super) const CHAOS: Plugin = Plugin {
    name: "chaos",
    usage: "chaos [VERSION] [AUTHORS…]",
    occurs: Occurs::FirstCounts,
    head: Head::Arguments(at_least(0, &[Value::Any])),
    block: Block::Refused,
    ..PLUGIN
};

pub(super) const LOCAL: Plugin = Plugin {
    name: "local",
    usage: "local",
    head: Head::Arguments(Arguments::NONE),
    block: Block::Options(&[takes("localhost_prefix", exactly(1, &[Value::Word(&["on", "off"])]))]),
    ..PLUGIN
};

pub(super) const LOADBALANCE: Plugin = Plugin {
    name: "loadbalance",
    usage: "loadbalance [round_robin | weighted FILE]",
    head: Head::Custom(|stanza| {
        stanza.arguments = stanza.words.arguments();
        match *stanza.arguments.as_slice() {
            [] => Ok(()),
            [policy] if policy.is("round_robin") => Ok(()),
            [policy, file] if policy.is("weighted") => {
                stanza.needs_file(file);
                Ok(())
            }
            [policy, ..] if policy.is("round_robin") || policy.is("weighted") => {
                let found = stanza.arguments.clone();
                let expected = if policy.is("weighted") {
                    exactly(2, &[Value::Any, Value::File])
                } else {
                    exactly(1, &[Value::Any])
                };
                Err(stanza.wrong_count(stanza.name, &found, expected))
            }
            [policy, ..] => stanza.judge_value(&Value::Word(&["round_robin", "weighted"]), policy),
        }
    }),
    block: Block::Custom(|stanza| {
        let weighted = stanza.arguments.first().is_some_and(|policy| policy.is("weighted"));
        stanza.read_options(if weighted { WEIGHTED } else { ROUND_ROBIN });
    }),
    ..PLUGIN
};

const WEIGHTED: &[Opt] = &[takes("reload", exactly(1, &[Value::ANY_DURATION]))];
const ROUND_ROBIN: &[Opt] = &[takes("prefer", at_least(0, &[Value::Network]))];

const AMOUNT: Value = Value::Integer { least: 0, most: i32::MAX as i64 };

pub(super) const ERRATIC: Plugin = Plugin {
    name: "erratic",
    usage: "erratic",
    head: Head::Unread,
    block: Block::Options(&[
        takes("drop", between(0, 1, &[AMOUNT])),
        takes("delay", between(0, 2, &[AMOUNT, Value::ANY_DURATION])),
        takes("truncate", between(0, 1, &[AMOUNT])),
        flag("large"),
    ]),
    ..PLUGIN
};

pub(super) const ON: Plugin = Plugin {
    name: "on",
    usage: "on startup|shutdown|certrenew COMMAND…",
    head: Head::Leading(&[Value::WordAnyCase(&["startup", "shutdown", "certrenew"])], at_least(0, &[Value::Any])),
    finish: |stanza| {
        let command: Vec<&str> = stanza.arguments.iter().skip(1).map(|token| &*token.text).collect();
        if !splits(&command.join(" ")) {
            let fix = "write a command after the event, and close its quotes";
            stanza.refuse(Kind::Value, stanza.name, "the command is missing", fix);
        }
    },
    ..PLUGIN
};

/// Whether Caddy's shell splitting (the rules of a POSIX shell) yields a command.
fn splits(command: &str) -> bool {
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut any = false;
    for c in command.chars() {
        match (quote, c) {
            _ if escaped => {
                escaped = false;
                any = true;
            }
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => {
                quote = Some(c);
                any = true;
            }
            (Some(open), _) if c == open => quote = None,
            (None, '#') if !any => return false,
            _ => any |= !c.is_whitespace(),
        }
    }
    any && quote.is_none() && !escaped
}
