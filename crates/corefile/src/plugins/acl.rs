//! `acl`: who may ask what.

use tazlab_go::net;

use super::grammar::{Arguments, Block, Head, Opt, PLUGIN, Plugin, custom};
use super::records;
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::Kind;
use crate::lexer::Token;

pub(super) const ACL: Plugin = Plugin {
    name: "acl",
    usage: "acl [ZONES…]",
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(ACTIONS),
    any_case: true,
    ..PLUGIN
};

const ACTIONS: &[Opt] =
    &[custom("allow", policy), custom("block", policy), custom("filter", policy), custom("drop", policy)];

/// `ACTION [type TYPES…] [net NETWORKS…]`, in any order and number.
fn policy<'a>(stanza: &mut Stanza<'a, '_>, _name: &'a Token) -> Judged {
    let arguments = stanza.words.arguments();
    let is_section = |token: &Token| matches!(token.text.to_lowercase().as_str(), "type" | "net");
    let mut rest = arguments.as_slice();
    while let Some((section, tail)) = rest.split_first() {
        if !is_section(section) {
            let message = format!("`{}` belongs to no section", section.text);
            return Err(stanza.refuse(Kind::Value, section, message, "write `type` or `net` before it"));
        }
        let length = tail.iter().take_while(|token| !is_section(token)).count();
        let (members, after) = tail.split_at_checked(length).unwrap_or((tail, &[]));
        if members.is_empty() {
            let message = format!("the section `{}` is empty", section.text);
            return Err(stanza.refuse(Kind::ArgumentCount, section, message, "write `*`, or what it is about"));
        }
        // CoreDNS looks no further than a `*`.
        for token in members.iter().take_while(|token| !token.is("*")) {
            if section.text.to_lowercase() == "type" {
                if !records::is_type(&token.text) {
                    stanza.judge_value(&Value::RecordType, token)?;
                }
            } else if net::parse_cidr(&single(&token.text)).is_none() {
                let message = format!("`{}` is not an address or network", token.text);
                return Err(stanza.refuse(Kind::Value, token, message, "write for example 10.0.0.0/8"));
            }
        }
        rest = after;
    }
    Ok(())
}

/// An address alone means its host.
fn single(text: &str) -> String {
    match (text.contains('/'), text.contains(':')) {
        (true, _) => text.to_owned(),
        (false, true) => format!("{text}/128"),
        (false, false) => format!("{text}/32"),
    }
}
