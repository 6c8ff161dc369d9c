//! Corefiles as people mean them: where their words part from what CoreDNS reads, and how that is said. Pure text; which
//! of the two readings is shown is decided by `check`.

use std::rc::Rc;

use super::diagnostic::{Finding, Kind};
use super::lexer::{Token, Words};
use super::repairs::{Repair, Repairs};
use super::source::Span;

/// Makes the repairs that need no more than the words.
pub(crate) fn repair(words: &mut Words, repairs: Repairs) {
    if repairs == Repairs::NONE {
        return;
    }
    for (repair, pass) in [
        (Repair::Comment, comments as fn(&mut Words)),
        (Repair::Invisible, invisible),
        (Repair::Lookalike, lookalikes),
        (Repair::Semicolon, semicolons),
        (Repair::BeforeBrace, before_braces),
        (Repair::AfterBrace, after_braces),
        (Repair::Colon, colons),
        (Repair::Equals, equals),
        (Repair::Comma, commas),
    ] {
        if repairs.has(repair) {
            pass(words);
        }
    }
}

/// Where a word stands on its line.
#[derive(Clone, Copy)]
struct At {
    first: bool,
    second: bool,
    last: bool,
}

/// Rewrites each word that is not quoted: the new words, and whether they differ from what CoreDNS reads.
fn each(words: &mut Words, repair: Repair, rewrite: impl Fn(&Token, At) -> Option<Vec<Token>>) {
    let tokens = std::mem::take(&mut words.tokens);
    let mut place = 0;
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        place = if before.is_some_and(|before| before.same_line(token)) { place + 1 } else { 0 };
        let last = tokens.get(index + 1).is_none_or(|next| !token.same_line(next));
        let at = At { first: place == 0, second: place == 1, last };
        match rewrite(token, at).filter(|_| !token.quoted) {
            Some(new) => {
                words.tokens.extend(new);
                words.repairs.push((repair, token.clone()));
            }
            None => words.tokens.push(token.clone()),
        }
    }
}

/// A part of a word that is not quoted, cut at its front and its end.
fn part(token: &Token, text: &str, front: usize, end: usize) -> Token {
    let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span {
        start: token.span.start.saturating_add(cut(front)),
        end: token.span.end.saturating_sub(cut(end)),
        ..token.span
    };
    Token { text: Rc::from(text), span, ..token.clone() }
}

/// A word and a brace where a block is meant: at the end of a line.
fn before_braces(words: &mut Words) {
    each(words, Repair::BeforeBrace, |token, at| {
        let head = token.text.strip_suffix('{').filter(|head| at.last && !head.is_empty() && !head.ends_with('{'))?;
        Some(vec![part(token, head, 0, 1), part(token, "{", head.len(), 0)])
    });
}

/// A brace and a word behind other words.
fn after_braces(words: &mut Words) {
    each(words, Repair::AfterBrace, |token, at| {
        let tail = token.text.strip_prefix('{').filter(|tail| {
            !at.first && !tail.is_empty() && !tail.contains('}') && !tail.starts_with(['{', '$', '%'])
        })?;
        Some(vec![part(token, "{", 0, tail.len()), part(token, tail, 1, 0)])
    });
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || (c.is_control() && c != '\r')
}

fn invisible(words: &mut Words) {
    each(words, Repair::Invisible, |token, _| {
        token.text.contains(is_invisible).then(|| {
            let visible: String = token.text.chars().filter(|c| !is_invisible(*c)).collect();
            if visible.is_empty() { Vec::new() } else { vec![part(token, &visible, 0, 0)] }
        })
    });
}

/// The character of ASCII that one looks like: a form of full width, or a longer dash.
fn ascii(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => c,
    }
}

fn lookalikes(words: &mut Words) {
    each(words, Repair::Lookalike, |token, _| {
        token.text.chars().any(|c| ascii(c) != c).then(|| {
            let meant: String = token.text.chars().map(ascii).collect();
            vec![part(token, &meant, 0, 0)]
        })
    });
}

fn commas(words: &mut Words) {
    each(words, Repair::Comma, |token, at| {
        let head = token.text.strip_suffix(',').filter(|_| !at.first)?;
        Some(if head.is_empty() { Vec::new() } else { vec![part(token, head, 0, 1)] })
    });
}

fn semicolons(words: &mut Words) {
    each(words, Repair::Semicolon, |token, at| {
        let head = token.text.strip_suffix(';').filter(|_| at.last)?;
        Some(if head.is_empty() { Vec::new() } else { vec![part(token, head, 0, 1)] })
    });
}

/// The name of a plugin or an option, as far as its letters say.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn colons(words: &mut Words) {
    each(words, Repair::Colon, |token, at| {
        let name = token.text.strip_suffix(':').filter(|name| at.first && is_name(name))?;
        Some(vec![part(token, name, 0, 1)])
    });
}

fn equals(words: &mut Words) {
    each(words, Repair::Equals, |token, at| {
        if at.second {
            let value = token.text.strip_prefix('=').filter(|_| !at.last || token.text.len() > 1)?;
            return Some(if value.is_empty() { Vec::new() } else { vec![part(token, value, 1, 0)] });
        }
        let (name, value) = token.text.split_once('=').filter(|(name, _)| at.first && is_name(name))?;
        let mut new = vec![part(token, name, 0, value.len() + 1)];
        if !value.is_empty() {
            new.push(part(token, value, name.len() + 1, 0));
        }
        Some(new)
    });
}

fn comments(words: &mut Words) {
    let tokens = std::mem::take(&mut words.tokens);
    let mut inside: Option<Inside> = None;
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let first = before.is_none_or(|before| !before.same_line(token));
        if inside == Some(Inside::Line) && first {
            inside = None;
        }
        if inside.is_none() && !token.quoted {
            let opens = if token.text.starts_with("/*") {
                Some(Inside::Block)
            } else if token.text.starts_with("//") || (first && token.text.starts_with([';', '!'])) || token.is("--") {
                Some(Inside::Line)
            } else {
                None
            };
            if opens.is_some() {
                words.repairs.push((Repair::Comment, token.clone()));
            }
            inside = opens;
        }
        match inside {
            None => words.tokens.push(token.clone()),
            Some(Inside::Block) if token.text.contains("*/") => inside = None,
            Some(_) => {}
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Line,
    Block,
}

/// The error for what CoreDNS reads otherwise than it is meant.
pub(crate) fn finding(repair: Repair, token: &Token) -> Finding {
    let text = &*token.text;
    let trimmed = |end: char| text.strip_suffix(end).unwrap_or(text);
    let (message, fix) = match repair {
        Repair::BeforeBrace => (
            format!("a blank is missing before `{{`: CoreDNS reads `{text}` as one word, and no block begins"),
            format!("write `{} {{`", trimmed('{')),
        ),
        Repair::AfterBrace => (
            format!("a blank is missing after `{{`: CoreDNS reads `{text}` as one word, and no block begins"),
            format!("write `{{`, and `{}` on the next line", text.strip_prefix('{').unwrap_or(text)),
        ),
        Repair::Quotes => (
            "these are not quotes to CoreDNS: it reads each word by itself".to_owned(),
            format!("write straight double quotes: \"{}\"", text.replace('"', "\\\"")),
        ),
        Repair::OpenQuote => (
            "this quote is not closed on its line: CoreDNS reads on to the next quote, or to the end of the file"
                .to_owned(),
            format!("close it: \"{}\"", text.replace('"', "\\\"")),
        ),
        Repair::Invisible => {
            let found = text.chars().find(|c| is_invisible(*c)).map_or(0, u32::from);
            let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
            (
                format!("the invisible character U+{found:04X} is part of this word"),
                if visible.is_empty() { "remove it".to_owned() } else { format!("type the word again: `{visible}`") },
            )
        }
        Repair::Lookalike => {
            let found = text.chars().find(|c| ascii(*c) != *c).unwrap_or_default();
            let meant: String = text.chars().map(ascii).collect();
            (
                format!("`{found}` is U+{:04X}, which only looks like `{}`", u32::from(found), ascii(found)),
                format!("write `{meant}`"),
            )
        }
        Repair::Comma => (
            "arguments are separated by blanks: CoreDNS reads the comma as a part of the word".to_owned(),
            if text == "," { "remove the comma".to_owned() } else { format!("write `{}`", trimmed(',')) },
        ),
        Repair::Semicolon => (
            "a line needs no `;`: CoreDNS reads it as a part of the word".to_owned(),
            if text == ";" { "remove it".to_owned() } else { format!("write `{}`", trimmed(';')) },
        ),
        Repair::Colon => (
            "no `:` stands between a name and its arguments: CoreDNS reads it as a part of the name".to_owned(),
            format!("write `{}`", trimmed(':')),
        ),
        Repair::Equals => (
            "no `=` stands between a name and its arguments: CoreDNS reads it as a part of a word".to_owned(),
            format!("write `{}`", text.replacen('=', " ", 1).trim()),
        ),
        Repair::Comment => (
            format!("`{}` begins no comment: CoreDNS reads the words of this line", marker(text)),
            "begin the comment with `#`".to_owned(),
        ),
        Repair::LineEnd => (
            "the lines of this file end with carriage returns alone, which CoreDNS leaves out: all is one line to it"
                .to_owned(),
            "end the lines with line feeds, as editors on Linux do".to_owned(),
        ),
    };
    let fix = if repair == Repair::Equals && fix == "write ``" { "remove it".to_owned() } else { fix };
    Finding::error(Kind::Syntax, token.span, message).fix(fix)
}

fn marker(text: &str) -> &str {
    ["//", "/*", "--", ";", "!"].into_iter().find(|marker| text.starts_with(marker)).unwrap_or(text)
}
