//! Names that `rewrite name regex` makes of metadata.

use tazlab_go::strconv;

use crate::diagnostic::Kind;
use crate::domain;
use crate::lexer::Token;
use crate::plugins::stanza::{Judged, Stanza};
use crate::plugins::value::judge_pattern;

/// A replacement whose placeholders are groups and labels of metadata (`rewrite/name_metadata.go`).
pub(super) fn replacement(stanza: &mut Stanza, from: &Token, to: &Token) -> Judged {
    let found = judge_pattern(&from.text)
        .map_err(|message| stanza.refuse(Kind::Value, from, message, "correct the expression"))?;
    let text = domain::qualify(&to.text);
    let mut rest = text.as_str();
    let message = loop {
        let (before, tail) = match rest.split_once('{') {
            Some((before, tail)) => (before, Some(tail)),
            None => (rest, None),
        };
        if before.contains('}') {
            break format!("a `}}` of `{text}` closes nothing");
        }
        let Some(tail) = tail else { return Ok(()) };
        let Some((label, after)) = tail.split_once('}') else {
            break format!("a `{{` of `{text}` is not closed");
        };
        match strconv::atoi(label) {
            Some(group) if usize::try_from(group).is_ok_and(|group| group <= found.groups) => {}
            Some(_) => break format!("`{}` has no group {label}", from.text),
            None if is_label(label) && !label.contains('{') => {}
            None => break format!("`{label}` is neither a group nor a label of metadata"),
        }
        rest = after;
    };
    Err(stanza.refuse(Kind::Pattern, to, message, "write for example {1}.{kubernetes/client-namespace}.example.org"))
}

/// `metadata.IsLabel`: a name space, a slash, and a name.
pub(super) fn is_label(text: &str) -> bool {
    text.find('/').is_some_and(|at| at > 0 && at + 1 < text.len())
}
