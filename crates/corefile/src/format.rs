//! Lays a Corefile out: one blank between words, four blanks a level, comments kept. What it means does not change: each
//! word stays on its line, and the result of formatting a result is the same text.

use super::lexer::{self, Comment, Token};

/// Formats a Corefile.
#[must_use]
pub fn format(text: &str) -> String {
    let words = lexer::read(0, text);
    let mut out = String::new();
    let mut depth = 0usize;
    let mut comments = words.comments.iter().peekable();
    let mut tokens = words.tokens.iter().peekable();
    // Line of the source that was written last, counted from its end.
    let mut last_line = 0;
    loop {
        let comment_first = match (comments.peek(), tokens.peek()) {
            (Some(comment), Some(token)) => comment.line < token.line,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        if comment_first {
            if let Some(comment) = comments.next() {
                blank_line(&mut out, last_line, comment.line);
                push_line(&mut out, depth, &comment_text(text, comment));
                last_line = comment.line;
            }
            continue;
        }
        let mut line: Vec<&Token> = Vec::new();
        while let Some(token) =
            tokens.next_if(|token| line.last().is_none_or(|before: &&Token| before.same_line(token)))
        {
            line.push(token);
        }
        let (Some(first), Some(end)) = (line.first(), line.last()) else { break };
        let end_line = end.line + end.breaks();
        let closing = line.iter().take_while(|token| token.is("}") && !token.quoted).count();
        if closing == 0 {
            blank_line(&mut out, last_line, first.line);
        }
        let mut written = line.iter().map(|token| token.written()).collect::<Vec<_>>().join(" ");
        while let Some(comment) = comments.next_if(|comment| comment.line <= end_line) {
            written.push(' ');
            written.push_str(&comment_text(text, comment));
        }
        push_line(&mut out, depth.saturating_sub(closing), &written);
        for token in line {
            if token.is("{") {
                depth += 1;
            } else if token.is("}") {
                depth = depth.saturating_sub(1);
            }
        }
        last_line = end_line;
    }
    out
}

fn comment_text(text: &str, comment: &Comment) -> String {
    let raw = text.get(comment.span.start as usize..comment.span.end as usize).unwrap_or_default();
    raw.trim_end().replace('\r', "")
}

/// Keeps one blank line between parts, none after an opening brace.
fn blank_line(out: &mut String, last_line: u32, line: u32) {
    if !out.is_empty() && line > last_line + 1 && !out.ends_with("{\n") {
        out.push('\n');
    }
}

fn push_line(out: &mut String, depth: usize, line: &str) {
    // Deeper than any grammar: a file of braces must not become a square of blanks.
    out.push_str(&"    ".repeat(depth.min(8)));
    out.push_str(line);
    out.push('\n');
}
