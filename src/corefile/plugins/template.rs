//! `template`: answers made from Go templates.

use super::go_template;
use super::grammar::{
    Arguments, Block, FALLTHROUGH, Head, PLUGIN, Plugin, UPSTREAM, at_least, between, custom, one, takes,
};
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::corefile::diagnostic::Kind;
use crate::corefile::lexer::Token;

pub(super) const TEMPLATE: Plugin = Plugin {
    name: "template",
    usage: "template CLASS TYPE [ZONES…]",
    head: Head::Leading(&[Value::RecordClass, Value::RecordType], Arguments::ZONES),
    block: Block::Options(&[
        takes("match", at_least(1, &[Value::Pattern])),
        custom("answer", records),
        custom("additional", records),
        custom("authority", records),
        one("rcode", Value::ResponseCode),
        takes("ederror", between(1, 2, &[Value::Unsigned { bits: 16 }, Value::Any])),
        FALLTHROUGH,
        UPSTREAM,
    ]),
    ..PLUGIN
};

fn records<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    for token in stanza.take(name, at_least(1, &[Value::Any]))? {
        if let Err(error) = go_template::judge(&token.text) {
            let message = format!("the template cannot be read: {error}");
            let fix = "write for example \"{{ .Name }} 60 IN A 10.0.0.1\"";
            return Err(stanza.refuse(Kind::Value, token, message, fix));
        }
    }
    Ok(())
}
