//! `view`: server blocks that are chosen by an expression.

use super::expression;
use super::grammar::{Block, Head, Occurs, PLUGIN, Plugin, custom, exactly};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};

pub(super) const VIEW: Plugin = Plugin {
    name: "view",
    usage: "view NAME { expr EXPRESSION }",
    occurs: Occurs::Once,
    head: Head::Arguments(exactly(1, &[Value::Any])),
    block: Block::Options(&[custom("expr", |stanza, name| {
        let arguments = stanza.words.arguments();
        let text = arguments.iter().map(|token| &*token.text).collect::<Vec<_>>().join(" ");
        match expression::judge(&text, &[]) {
            Ok(()) => {
                stanza.context.requirements.push(Requirement::Expression { plugin: "view".into() });
                Ok(())
            }
            Err(error) => {
                let fix = "write for example: expr incidr(client_ip(), '10.0.0.0/8')";
                let at = arguments.first().copied().unwrap_or(name);
                Err(stanza.refuse(Kind::Value, at, format!("`{text}` is not an expression: {error}"), fix))
            }
        }
    })]),
    ..PLUGIN
};
