//! Rules on EDNS0 options.

use tazlab_go::strconv;

use super::super::stanza::{Judged, Stanza};
use super::{count, metadata};
use crate::diagnostic::Kind;
use crate::lexer::Token;

pub(super) fn edns0(stanza: &mut Stanza, kind: &Token, rest: &[&Token]) -> Judged {
    let [option, action, arguments @ ..] = rest else {
        return count(stanza, kind, "an edns0 rule needs an option and an action");
    };
    let what = option.text.to_lowercase();
    let action_name = action.text.to_lowercase();
    if !["append", "replace", "set", "unset"].contains(&action_name.as_str()) {
        return stanza.judge_word(&["append", "replace", "set", "unset"], action);
    }
    let unset = action_name == "unset";
    let mut arguments = arguments;
    if !unset
        && let Some((last, before)) = arguments.split_last()
        && last.is("revert")
    {
        arguments = before;
    }
    let expected = match (what.as_str(), unset) {
        ("local", true) => 1,
        ("local" | "subnet", false) => 2,
        ("nsid", _) | ("subnet", true) => 0,
        _ => return stanza.judge_word(&["local", "nsid", "subnet"], option),
    };
    if arguments.len() != expected {
        return count(stanza, option, &format!("`{what} {action_name}` needs {expected} arguments"));
    }
    match (what.as_str(), arguments) {
        ("local", [code, data @ ..]) => {
            if strconv::parse_uint_any_base(&code.text, 16).is_none() {
                let message = format!("`{}` is not the code of an option", code.text);
                return Err(stanza.refuse(Kind::Value, code, message, "write a number up to 65535, such as 0xffee"));
            }
            data.first().map_or(Ok(()), |data| local_data(stanza, data))
        }
        ("subnet", [v4, v6]) => {
            for (token, most) in [(v4, 32), (v6, 128)] {
                if strconv::parse_uint_any_base(&token.text, 16).is_none_or(|bits| bits > most) {
                    let message = format!("`{}` is not a number of bits up to {most}", token.text);
                    return Err(stanza.refuse(Kind::Value, token, message, "write a number of bits"));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn local_data(stanza: &mut Stanza, data: &Token) -> Judged {
    let text = &*data.text;
    let good = if text.len() >= 2 && text.starts_with('{') && text.ends_with('}') {
        let inner = text.get(1..text.len() - 1).unwrap_or_default();
        let known = ["qname", "qtype", "client_ip", "client_port", "protocol", "server_ip", "server_port"];
        known.contains(&inner) || metadata::is_label(inner)
    } else if let Some(digits) = text.strip_prefix("0x") {
        digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    } else {
        true
    };
    if good {
        return Ok(());
    }
    let message = format!("`{text}` is neither text, nor 0x and pairs of digits, nor a known variable");
    Err(stanza.refuse(Kind::Value, data, message, "write for example {client_ip}, or 0xffee"))
}
