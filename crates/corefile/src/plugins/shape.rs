//! What the shape of a whole directive says: a block that begins or ends in the wrong place, and what stays certain where
//! words are not known. A plugin's grammar is not looked at.

use super::grammar::Plugin;
use crate::diagnostic::{Finding, Kind, Severity};
use crate::lexer::Token;
use crate::parser::Directive;
use crate::source::Span;

/// Where something of a directive is not known, only this is certain: an option that the plugin does not have, and a block
/// on one line; and neither on a line with a word that is not known.
pub(super) fn keep_certain(directive: &Directive, findings: &mut Vec<Finding>, before: usize) {
    let found = findings.split_off(before);
    let on_unknown_line = |finding: &Finding| {
        let at = directive.tokens.iter().find(|token| token.span.start == finding.span.start);
        at.is_none_or(|at| directive.tokens.iter().any(|token| token.unknown && token.line == at.line))
    };
    findings.extend(found.into_iter().filter(|finding| {
        let certain = finding.severity == Severity::Warning
            || matches!(finding.kind, Kind::UnknownOption | Kind::OpenBlock | Kind::OneLineBlock);
        certain && !on_unknown_line(finding)
    }));
}

/// If the brace that should open the directive's block stands on the line below, the finding that says so.
pub(super) fn brace_below(plugin: &Plugin, directive: &Directive) -> Option<Finding> {
    let mut depth = 0usize;
    for pair in directive.tokens.windows(2) {
        let [above, token] = pair else { continue };
        if token.quoted {
            continue;
        }
        if token.is("{") {
            if depth == 0 && !above.same_line(token) {
                let message = format!("no block of {} begins here: its `{{` must be on the line above", plugin.name);
                let fix = format!("write `{{` behind `{}`", above.written());
                return Some(Finding::error(Kind::Syntax, token.span, message).fix(fix).plugin(plugin.name));
            }
            depth += 1;
        } else if token.is("}") {
            depth = depth.saturating_sub(1);
        }
    }
    None
}

/// If a block of the directive opens and closes on one line, the finding that says how to write it.
pub(super) fn one_line_block(plugin: &Plugin, directive: &Directive) -> Option<Finding> {
    let tokens = &directive.tokens;
    let open = tokens
        .windows(2)
        .position(|pair| matches!(pair, [open, next] if open.is("{") && open.same_line(next) && !next.is("}")))?;
    let mut close = open + 1;
    while let [token, next] = tokens.get(close..close + 2)? {
        if !token.same_line(next) {
            return None;
        }
        close += 1;
        if next.is("}") {
            break;
        }
    }
    let head = tokens.get(..open)?.iter().rposition(|token| token.is(plugin.name)).unwrap_or(0);
    let line = |tokens: &[Token]| tokens.iter().map(Token::written).collect::<Vec<_>>().join(" ");
    let fix = format!(
        "a block needs its own lines:\n{} {{\n    {}\n}}",
        line(tokens.get(head..open)?),
        line(tokens.get(open + 1..close)?)
    );
    let span = tokens.get(open)?.span;
    let end = tokens.get(close)?.span.end;
    let message = "a block on one line: CoreDNS reads its `}` as one more argument";
    Some(Finding::error(Kind::OneLineBlock, Span { end, ..span }, message).fix(fix).plugin(plugin.name))
}
