//! Signatures: `dnssec`, `sign`, `tsig`.

use super::grammar::{Arguments, Block, Head, Occurs, PLUGIN, Plugin, at_least, custom, exactly, one};
use super::records;
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};
use crate::domain;
use crate::lexer::Token;

pub(super) const DNSSEC: Plugin = Plugin {
    name: "dnssec",
    usage: "dnssec [ZONES…]",
    occurs: Occurs::Once,
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(&[
        custom("key", |stanza, name| {
            let kind = stanza.take_one(name, &Value::Any)?;
            match &*kind.text {
                "file" => stanza.take(kind, at_least(1, &[Value::File])).map(|_| ()),
                "aws_secretsmanager" => {
                    stanza.context.requirements.push(Requirement::Service { plugin: "dnssec".into() });
                    stanza.take(kind, at_least(1, &[Value::Any])).map(|_| ())
                }
                _ => {
                    let message = format!("`{}` is not a source of keys: CoreDNS ignores it", kind.text);
                    stanza.warn(Kind::Ignored, kind, message, "write `key file KEY…`");
                    Ok(())
                }
            }
        }),
        one("cache_capacity", Value::ANY_INTEGER),
    ]),
    ..PLUGIN
};

pub(super) const SIGN: Plugin = Plugin {
    name: "sign",
    usage: "sign DBFILE [ZONES…]",
    head: Head::Leading(&[Value::Any], Arguments::ZONES),
    block: Block::Options(&[
        custom("key", |stanza, name| {
            let kind = stanza.take_one(name, &Value::Any)?;
            match &*kind.text {
                "file" => stanza.take(kind, at_least(1, &[Value::File])).map(|_| ()),
                "directory" => {
                    let message = "`key directory` is not implemented in CoreDNS";
                    Err(stanza.refuse(Kind::Value, kind, message, "write `key file KEY…`"))
                }
                _ => Ok(()),
            }
        }),
        custom("directory", |stanza, name| stanza.take(name, exactly(1, &[Value::Any])).map(|_| ())),
    ]),
    finish: |stanza| {
        if let Some(file) = stanza.arguments.first().copied().filter(|file| file.text.contains('\u{fffd}')) {
            stanza.refuse(
                Kind::Value,
                file,
                "the name of the file has characters that are not UTF-8",
                "rename the file",
            );
        }
    },
    ..PLUGIN
};

pub(super) const TSIG: Plugin = Plugin {
    name: "tsig",
    usage: "tsig [ZONES…]",
    occurs: Occurs::Once,
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(&[
        custom("secret", secret),
        custom("secrets", |stanza, name| stanza.take(name, exactly(1, &[Value::NamedFile])).map(|_| ())),
        custom("require", |stanza, name| required(stanza, name, records::is_type, "record type")),
        custom("require_opcode", |stanza, name| required(stanza, name, records::is_operation, "operation")),
    ]),
    ..PLUGIN
};

/// `secret NAME KEY`; a name may stand once.
fn secret<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, exactly(2, &[Value::Any]))?;
    let Some(key) = arguments.first() else { return Ok(()) };
    let normal = domain::normalize(&key.text);
    let twice = stanza.options.iter().any(|option| {
        option.name.is("secret")
            && option.arguments.first().is_some_and(|earlier| domain::normalize(&earlier.text) == normal)
    });
    if twice {
        let message = format!("the key `{}` is defined twice", key.text);
        return Err(stanza.refuse(Kind::Repeated, key, message, "remove one of them"));
    }
    stanza.options.push(super::stanza::Written { name, arguments });
    Ok(())
}

fn required<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token, is_known: fn(&str) -> bool, what: &str) -> Judged {
    let arguments = stanza.take(name, at_least(1, &[Value::Any]))?;
    if arguments.first().is_some_and(|first| first.is("all") || first.is("none")) {
        return Ok(());
    }
    for token in arguments {
        if !is_known(&token.text) {
            let upper = token.text.to_uppercase();
            let fix = if is_known(&upper) {
                format!("did you mean `{upper}`?")
            } else {
                format!("write all, none, or a {what}")
            };
            return Err(stanza.refuse(Kind::Value, token, format!("`{}` is not a {what}", token.text), fix));
        }
    }
    Ok(())
}
