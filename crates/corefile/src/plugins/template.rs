//! `template`: answers made from Go templates.

use super::expression;
use super::go_template;
use super::grammar::{
    Arguments, Block, FALLTHROUGH, Head, PLUGIN, Plugin, UPSTREAM, at_least, between, custom, one, takes,
};
use super::stanza::{Judged, Stanza, Written};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};
use crate::lexer::Token;

pub(super) const TEMPLATE: Plugin = Plugin {
    name: "template",
    usage: "template CLASS TYPE [ZONES…]",
    head: Head::Leading(&[Value::RecordClass, Value::RecordType], Arguments::ZONES),
    block: Block::Options(&[
        takes("match", at_least(1, &[Value::Pattern])),
        custom("answer", records),
        custom("additional", records),
        custom("authority", records),
        custom("var", variable),
        custom("expr", condition),
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

/// What a template's expressions know besides the environment of all expressions: `group`, and the variables so far.
fn names(stanza: &Stanza) -> Vec<String> {
    let variables = stanza.options.iter().filter(|option| option.name.is("var"));
    let defined = variables.filter_map(|option| Some(option.arguments.first()?.text.to_string()));
    std::iter::once("group".to_owned()).chain(defined).collect()
}

/// `var NAME EXPRESSION…`.
fn variable<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, at_least(2, &[Value::Any]))?;
    let [variable, expression @ ..] = arguments.as_slice() else { return Ok(()) };
    let is_name = variable.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && variable.text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        let message = format!("`{}` is not a name for a variable", variable.text);
        return Err(stanza.refuse(Kind::Value, variable, message, "write letters, digits and underscores"));
    }
    let names = names(stanza);
    if expression::is_reserved(&variable.text, &names) {
        let message = format!("the name `{}` is in use", variable.text);
        return Err(stanza.refuse(Kind::Value, variable, message, "give the variable another name"));
    }
    judge_expression(stanza, name, expression, &names)?;
    stanza.options.push(Written { name, arguments });
    Ok(())
}

/// `expr EXPRESSION…`.
fn condition<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, at_least(1, &[Value::Any]))?;
    let names = names(stanza);
    judge_expression(stanza, name, &arguments, &names)
}

fn judge_expression(stanza: &mut Stanza, name: &Token, words: &[&Token], names: &[String]) -> Judged {
    let text = words.iter().map(|token| &*token.text).collect::<Vec<_>>().join(" ");
    match expression::judge(&text, names) {
        Ok(()) => {
            stanza.context.requirements.push(Requirement::Expression { plugin: "template".into() });
            Ok(())
        }
        Err(error) => {
            let at = words.first().copied().unwrap_or(name);
            let fix = "write for example: expr group(1) == 'a'";
            Err(stanza.refuse(Kind::Value, at, format!("`{text}` is not an expression: {error}"), fix))
        }
    }
}
