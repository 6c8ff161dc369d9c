//! `header`: flags of queries and answers.

use super::grammar::{Block, Head, PLUGIN, Plugin};
use super::stanza::Stanza;
use super::value::Value;
use crate::diagnostic::Kind;
use crate::nearest;

pub(super) const HEADER: Plugin = Plugin {
    name: "header",
    usage: "header { response set aa }",
    head: Head::Unread,
    block: Block::Custom(rules),
    ..PLUGIN
};

/// `query|response set|clear aa|ra|rd…`, each on a line. CoreDNS reads up to the first block that has rules.
fn rules(stanza: &mut Stanza) {
    let (mut any, mut bad) = (false, false);
    while let Some(selector) = stanza.words.next_in_block() {
        any = true;
        let folded = selector.text.to_lowercase();
        if !matches!(folded.as_str(), "query" | "response") {
            let fix = nearest::of(&folded, ["query", "response"].into_iter()).map_or_else(
                || "write `query` or `response` first".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            stanza.refuse(Kind::UnknownOption, selector, format!("header has no option `{}`", selector.text), fix);
            stanza.words.skip_line();
            bad = true;
            continue;
        }
        let action = stanza.words.next_argument();
        let flags = stanza.words.arguments();
        let Some(action) = action.filter(|_| !flags.is_empty()) else {
            let message = format!("`{}` needs an action and a flag", selector.text);
            stanza.refuse(Kind::ArgumentCount, selector, message, "write for example `response set aa`");
            bad = true;
            continue;
        };
        bad |= stanza.judge_value(&Value::WordAnyCase(&["set", "clear"]), action).is_err();
        for flag in flags {
            bad |= stanza.judge_value(&Value::WordAnyCase(&["aa", "ra", "rd"]), flag).is_err();
        }
    }
    if any && !bad {
        // The rest is not read.
        while stanza.words.next().is_some() {}
        return;
    }
    if !bad && stanza.words.ahead().is_none() {
        let fix = "write a block with lines such as `response set aa`";
        stanza.refuse(Kind::ArgumentCount, stanza.name, "header has no rules", fix);
    }
}
