//! Zones from files, from other servers, and from the Corefile itself: `file`, `auto`, `secondary`, `transfer`, `hosts`.

use super::grammar::{
    Arguments, Block, FALLTHROUGH, Head, Occurs, Opt, PLUGIN, Plugin, UPSTREAM, at_least, custom, exactly, flag, once,
    takes,
};
use super::stanza::{Judged, Stanza, Written};
use super::value::{Value, judge_pattern};
use crate::diagnostic::Kind;
use crate::lexer::Token;
use crate::{domain, network};

pub(super) const FILE: Plugin = Plugin {
    name: "file",
    usage: "file DBFILE [ZONES…]",
    head: Head::Leading(&[Value::File], Arguments::ZONES),
    block: Block::Options(&[
        FALLTHROUGH,
        takes("reload", at_least(1, &[Value::ANY_DURATION, Value::Any])),
        flag("reload_by_mtime"),
        UPSTREAM,
    ]),
    ..PLUGIN
};

pub(super) const AUTO: Plugin = Plugin {
    name: "auto",
    usage: "auto [ZONES…] { directory DIR }",
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(&[
        custom("directory", directory),
        takes("reload", at_least(1, &[Value::DURATION, Value::Any])),
        UPSTREAM,
    ]),
    ..PLUGIN
};

/// `directory DIR [REGEX TEMPLATE]`; the regular expression needs a group.
fn directory<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    stanza.take_one(name, &Value::File)?;
    if let Some(regex) = stanza.words.next_argument() {
        match judge_pattern(&regex.text) {
            Ok(pattern) if pattern.groups > 0 => {}
            Ok(_) => {
                let message = format!("`{}` has no group", regex.text);
                return Err(stanza.refuse(Kind::Pattern, regex, message, "put what is the zone's name in parentheses"));
            }
            Err(message) => return Err(stanza.refuse(Kind::Value, regex, message, "correct the expression")),
        }
        stanza.take_one(regex, &Value::Any)?;
    }
    match stanza.words.next_argument() {
        Some(extra) => Err(stanza.refuse(
            Kind::ArgumentCount,
            extra,
            "`directory` takes a folder, a regex and a template",
            "remove this",
        )),
        None => Ok(()),
    }
}

pub(super) const SECONDARY: Plugin = Plugin {
    name: "secondary",
    usage: "secondary [ZONES…] { transfer from ADDRESS }",
    head: Head::Custom(|stanza| {
        // CoreDNS passes over words that are not its name, such as what stands behind its block.
        if stanza.name.is("secondary") {
            stanza.arguments = stanza.take(stanza.name, Arguments::ZONES)?;
        }
        Ok(())
    }),
    block: Block::Custom(|stanza| {
        if stanza.name.is("secondary") {
            stanza.read_options(SECONDARY_OPTIONS);
        }
    }),
    finish: |stanza| {
        if stanza.name.is("secondary") && stanza.option("transfer").is_none() && !has_errors(stanza, "secondary") {
            let fix = "add `transfer from ADDRESS` in a block";
            stanza.refuse(Kind::ArgumentCount, stanza.name, "secondary does not specify a source of its zones", fix);
        }
    },
    ..PLUGIN
};

const SECONDARY_OPTIONS: &[Opt] = &[
    custom("transfer", |stanza, name| {
        let from = stanza.take_one(name, &Value::Word(&["from"]))?;
        let arguments = stanza.take(from, at_least(1, &[Value::IpMaybePort]))?;
        stanza.options.push(Written { name, arguments });
        Ok(())
    }),
    takes("catalog", at_least(0, &[Value::StrictZone])),
    FALLTHROUGH,
];

fn has_errors(stanza: &Stanza, plugin: &str) -> bool {
    stanza.context.findings.iter().any(|found| found.plugin.as_deref() == Some(plugin))
}

pub(super) const TRANSFER: Plugin = Plugin {
    name: "transfer",
    usage: "transfer [ZONES…] { to ADDRESS }",
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(&[
        custom("to", |stanza, name| {
            let arguments = stanza.take(name, at_least(1, &[Value::Any]))?;
            for token in arguments.iter().filter(|token| !token.is("*")) {
                stanza.judge_value(&Value::IpMaybePort, token)?;
            }
            stanza.options.push(Written { name, arguments });
            Ok(())
        }),
        once("source", exactly(1, &[Value::Ip])),
    ]),
    finish: |stanza| {
        if stanza.option("to").is_none() && !has_errors(stanza, "transfer") {
            let fix = "add `to ADDRESS` or `to *` in a block";
            stanza.refuse(Kind::ArgumentCount, stanza.name, "transfer does not specify a destination", fix);
        }
    },
    ..PLUGIN
};

pub(super) const HOSTS: Plugin = Plugin {
    name: "hosts",
    usage: "hosts [FILE [ZONES…]]",
    occurs: Occurs::Once,
    head: Head::Arguments(at_least(0, &[Value::File, Value::Zone])),
    block: Block::Custom(hosts),
    ..PLUGIN
};

/// Options and lines of a hosts file. After `fallthrough`, CoreDNS takes no more lines.
fn hosts(stanza: &mut Stanza) {
    let mut falls_through = false;
    let mut unsupported = None;
    while let Some(name) = stanza.words.next_in_block() {
        match &*name.text {
            "fallthrough" => {
                let zones = stanza.words.arguments();
                falls_through = zones.is_empty() || zones.iter().any(|zone| !domain::zones(&zone.text).is_empty());
            }
            "fallthrough_unsupported" => {
                let _ = stanza.take(name, Arguments::NONE);
                unsupported = Some(name);
            }
            "no_reverse" => {}
            "ttl" => {
                let _ = stanza.take(name, at_least(1, &[Value::Integer { least: 1, most: 65_535 }, Value::Any]));
            }
            "reload" => {
                let _ = stanza.take(name, exactly(1, &[Value::DURATION]));
            }
            _ => {
                let names = stanza.words.arguments();
                hosts_line(stanza, name, &names, falls_through);
            }
        }
    }
    if let Some(name) = unsupported.filter(|_| !falls_through) {
        stanza.refuse(Kind::Conflict, name, "`fallthrough_unsupported` needs `fallthrough`", "add `fallthrough`");
    }
}

fn hosts_line(stanza: &mut Stanza, address: &Token, names: &[&Token], falls_through: bool) {
    let is_address = network::ip_with_zone(&address.text).is_some();
    if falls_through {
        let (message, fix) = if is_address {
            (
                format!("the line of `{}` comes after `fallthrough`", address.text),
                "move `fallthrough` to the end of the block",
            )
        } else {
            (
                format!("hosts has no option `{}`", address.text),
                "its options are fallthrough, fallthrough_unsupported, no_reverse, ttl, reload",
            )
        };
        stanza.refuse(Kind::UnknownOption, address, message, fix);
    } else if !is_address {
        let options = ["fallthrough", "fallthrough_unsupported", "no_reverse", "ttl", "reload"];
        let fix = crate::nearest::of(&address.text, options.into_iter()).map_or_else(
            || "write the address first, then the names".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        let message = format!("`{}` is neither an option nor an IP address: CoreDNS ignores this line", address.text);
        stanza.warn(Kind::Ignored, address, message, fix);
    } else if names.is_empty() {
        stanza.warn(
            Kind::Ignored,
            address,
            "an address without names: CoreDNS ignores this line",
            "write its names after it",
        );
    }
}
