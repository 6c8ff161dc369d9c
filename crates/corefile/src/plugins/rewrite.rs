//! `rewrite`: rules on names, types, classes, EDNS0 options, TTLs, CNAME targets and response codes.

mod edns0;
mod metadata;

use tazlab_go::strconv;

use self::edns0::edns0;
use super::grammar::{Head, PLUGIN, Plugin};
use super::records;
use super::stanza::{Judged, Stanza};
use super::value::{Value, judge_pattern};
use crate::diagnostic::Kind;
use crate::lexer::Token;
use crate::nearest;

const MATCHES: &[&str] = &["exact", "prefix", "suffix", "substring", "regex"];
const RULES: &[&str] = &["name", "class", "type", "edns0", "ttl", "cname", "rcode"];

pub(super) const REWRITE: Plugin = Plugin {
    name: "rewrite",
    usage: "rewrite [continue|stop] name|type|class|edns0|ttl|cname|rcode …",
    head: Head::Custom(|stanza| {
        let mut arguments = stanza.words.arguments();
        // A rule may fill a block: its words are then read as one line.
        if arguments.len() < 2 {
            while let Some(token) = stanza.words.next_in_block() {
                arguments.push(token);
            }
        }
        stanza.arguments.clone_from(&arguments);
        rule(stanza, &arguments)
    }),
    ..PLUGIN
};

fn count(stanza: &mut Stanza, at: &Token, message: &str) -> Judged {
    Err(stanza.refuse(Kind::ArgumentCount, at, message, "see https://coredns.io/plugins/rewrite for its forms"))
}

fn rule(stanza: &mut Stanza, arguments: &[&Token]) -> Judged {
    let name = stanza.name;
    let mode = arguments.first().map(|first| first.text.to_lowercase());
    let rest = match mode.as_deref() {
        Some("continue" | "stop") => arguments.get(1..).unwrap_or_default(),
        _ => arguments,
    };
    let Some((kind, rest)) = rest.split_first() else { return count(stanza, name, "the rule has no type") };
    match kind.text.to_lowercase().as_str() {
        "name" => name_rule(stanza, kind, rest),
        "class" | "type" => {
            if rest.len() != 2 {
                return count(stanza, kind, "the rule needs two arguments: what is rewritten, and to what");
            }
            let class = kind.text.to_lowercase() == "class";
            for token in rest {
                let upper = token.text.to_uppercase();
                if !(if class { records::is_class(&upper) } else { records::is_type(&upper) }) {
                    let value = if class { Value::RecordClass } else { Value::RecordType };
                    let message = format!("`{}` is not {}", token.text, value.describe());
                    return Err(stanza.refuse(Kind::Value, token, message, format!("write {}", value.describe())));
                }
            }
            Ok(())
        }
        "edns0" => edns0(stanza, kind, rest),
        "ttl" => match *rest {
            [_, ttl] => seconds(stanza, ttl),
            [how, name, ttl] => {
                seconds(stanza, ttl)?;
                matching(stanza, how, name)
            }
            _ => count(stanza, kind, "a ttl rule needs a name and a TTL"),
        },
        "rcode" => match *rest {
            [_, from, to] => codes(stanza, from, to),
            [how, name, from, to] => {
                codes(stanza, from, to)?;
                matching(stanza, how, name)
            }
            _ => count(stanza, kind, "an rcode rule needs a name and two response codes"),
        },
        "cname" => match *rest {
            [_, _] => Ok(()),
            [how, target, _] => {
                if !MATCHES.contains(&how.text.to_lowercase().as_str()) {
                    return stanza.judge_word(MATCHES, how);
                }
                if how.text.to_lowercase() == "regex" { lower_pattern(stanza, target) } else { Ok(()) }
            }
            _ => count(stanza, kind, "a cname rule needs a target and its replacement"),
        },
        "answer" => {
            Err(stanza.refuse(Kind::Value, kind, "a rule cannot begin with `answer`", "write it after a name rule"))
        }
        other => {
            let fix = nearest::of(other, RULES.iter().copied())
                .map_or_else(|| format!("write one of {}", RULES.join(", ")), |name| format!("did you mean `{name}`?"));
            Err(stanza.refuse(Kind::Value, kind, format!("`{}` is not a type of rule", kind.text), fix))
        }
    }
}

/// CoreDNS lowers the expression before it compiles it.
fn lower_pattern(stanza: &mut Stanza, token: &Token) -> Judged {
    judge_pattern(&token.text.to_lowercase()).map(|_| ()).map_err(|message| {
        stanza.refuse(
            Kind::Value,
            token,
            message,
            "correct the expression; CoreDNS lowercases the pattern, which changes its meaning",
        )
    })
}

fn matching(stanza: &mut Stanza, how: &Token, what: &Token) -> Judged {
    let folded = how.text.to_lowercase();
    if !MATCHES.contains(&folded.as_str()) {
        let fix = nearest::of(&folded, MATCHES.iter().copied())
            .map_or_else(|| format!("write one of {}", MATCHES.join(", ")), |name| format!("did you mean `{name}`?"));
        return Err(stanza.refuse(Kind::Value, how, format!("`{}` is not a way to match", how.text), fix));
    }
    if folded == "regex" { pattern(stanza, what, "") } else { Ok(()) }
}

/// Judges a pattern and that its replacement uses no more groups than it has.
fn pattern(stanza: &mut Stanza, from: &Token, to: &str) -> Result<(), super::stanza::Stop> {
    let found = judge_pattern(&from.text)
        .map_err(|message| stanza.refuse(Kind::Value, from, message, "correct the expression"))?;
    // CoreDNS looks for {0} to {100}.
    let mut groups: Vec<&str> = to.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect();
    groups.retain(|group| {
        strconv::parse_uint(group, 8).is_some_and(|number| number <= 100 && number.to_string() == *group)
    });
    groups.sort_unstable();
    groups.dedup();
    let used = groups.len();
    if used > found.groups {
        let message = format!("`{to}` uses {used} groups, `{}` has {}", from.text, found.groups);
        return Err(stanza.refuse(Kind::Pattern, from, message, "put what is used in parentheses"));
    }
    Ok(())
}

fn name_rule(stanza: &mut Stanza, kind: &Token, rest: &[&Token]) -> Judged {
    let [first, second, tail @ ..] = rest else {
        return count(stanza, kind, "a name rule needs a name and its replacement");
    };
    let Some((to, answers)) = tail.split_first() else {
        // Two names: CoreDNS checks the new one as if it were an expression.
        return exact(stanza, first, second);
    };
    let how = first.text.to_lowercase();
    if !MATCHES.contains(&how.as_str()) {
        return stanza.judge_word(MATCHES, first);
    }
    let (with_metadata, answers) = match answers {
        [word, rest @ ..] if word.is("metadata") => (Some(*word), rest),
        _ => (None, answers),
    };
    if let Some(word) = with_metadata.filter(|_| how != "regex") {
        let message = "`metadata` goes with `name regex` only";
        return Err(stanza.refuse(Kind::Conflict, word, message, "write `name regex`, or remove it"));
    }
    answer_rules(stanza, first, answers)?;
    match how.as_str() {
        "exact" => exact(stanza, second, to),
        "regex" if with_metadata.is_some() => metadata::replacement(stanza, second, to),
        "regex" => pattern(stanza, second, &to.text),
        _ => Ok(()),
    }
}

fn exact(stanza: &mut Stanza, from: &Token, to: &Token) -> Judged {
    let (from_name, to_name) = (crate::domain::normalize(&from.text), crate::domain::normalize(&to.text));
    let as_pattern = Token { text: to_name.into(), ..to.clone() };
    pattern(stanza, &as_pattern, &from_name)
}

/// `answer auto`, or `answer name|value FROM TO`, several times.
fn answer_rules(stanza: &mut Stanza, how: &Token, mut rest: &[&Token]) -> Judged {
    if rest.is_empty() {
        return Ok(());
    }
    let first = rest.first().copied().unwrap_or(how);
    if rest.len() < 2 || !first.is("answer") {
        let fix = "write `answer auto` after the new name";
        return Err(stanza.refuse(Kind::ArgumentCount, first, "only `answer …` may follow the new name", fix));
    }
    let (mut auto, mut names) = (false, false);
    while let Some((word, tail)) = rest.split_first() {
        let (kind, tail) = if word.is("answer") {
            let Some((kind, tail)) = tail.split_first() else {
                return count(stanza, word, "`answer` needs auto, name or value");
            };
            (kind, tail)
        } else {
            (word, tail)
        };
        match &*kind.text {
            "auto" => {
                auto = true;
                rest = tail;
            }
            "name" | "value" => {
                let [from, to, tail @ ..] = tail else {
                    return count(stanza, kind, "`answer name` and `answer value` need two arguments");
                };
                pattern(stanza, from, &to.text)?;
                names |= kind.is("name");
                rest = tail;
            }
            _ => return stanza.judge_word(&["auto", "name", "value"], kind),
        }
    }
    if auto && names {
        return Err(stanza.refuse(
            Kind::Conflict,
            how,
            "`answer auto` and `answer name` exclude each other",
            "keep one of them",
        ));
    }
    Ok(())
}

fn codes(stanza: &mut Stanza, from: &Token, to: &Token) -> Judged {
    for token in [from, to] {
        let number = strconv::parse_uint(&token.text, 32).is_some_and(|number| number <= 23);
        if !number && !records::is_response_code(&token.text.to_uppercase()) {
            let message = format!("`{}` is not a response code", token.text);
            return Err(stanza.refuse(Kind::Value, token, message, "write for example NXDOMAIN"));
        }
    }
    Ok(())
}

/// A TTL, or a range `LEAST-MOST` of which one side may be missing.
fn seconds(stanza: &mut Stanza, token: &Token) -> Judged {
    let number = |text: &str| strconv::parse_uint(text, 32);
    let good = match token.text.split('-').collect::<Vec<_>>().as_slice() {
        [one] => number(one).is_some(),
        ["", ""] => false,
        [least, most] => {
            let least = if least.is_empty() { Some(0) } else { number(least) };
            let most = if most.is_empty() { Some(2_147_483_647) } else { number(most) };
            matches!((least, most), (Some(least), Some(most)) if least <= most)
        }
        _ => false,
    };
    if good {
        return Ok(());
    }
    let message = format!("`{}` is not a TTL", token.text);
    Err(stanza.refuse(Kind::Value, token, message, "write seconds, or a range such as 30-300"))
}
