//! Templates of Go's `text/template`, as far as parsing them goes: actions, nesting, names of functions and variables.

use thiserror::Error;

/// Why a template is refused.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum TemplateError {
    #[error("an action `{{{{` is not closed")]
    OpenAction,
    #[error("an action is empty")]
    EmptyAction,
    #[error("a string in an action is not closed")]
    OpenString,
    #[error("`{0}` is not expected here")]
    Unexpected(String),
    #[error("the function `{0}` does not exist")]
    UnknownFunction(String),
    #[error("the variable `{0}` is not defined")]
    UnknownVariable(String),
    #[error("`end` is missing or has no beginning")]
    Nesting,
}

const FUNCTIONS: [&str; 20] = [
    "and", "or", "not", "len", "index", "slice", "html", "js", "call", "print", "printf", "println", "urlquery", "eq",
    "ne", "lt", "le", "gt", "ge", "parseInt",
];

/// Judges a template.
pub(super) fn judge(text: &str) -> Result<(), TemplateError> {
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut variables: Vec<String> = vec!["$".into()];
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once("{{") {
        let trimmed = tail
            .strip_prefix("- ")
            .or_else(|| tail.strip_prefix("-\t"))
            .or_else(|| tail.strip_prefix("-\n"))
            .unwrap_or(tail);
        if let Some(comment) = trimmed.trim_start_matches(|_| false).strip_prefix("/*") {
            let (_, after) = comment.split_once("*/").ok_or(TemplateError::OpenAction)?;
            let after = after.strip_prefix(" -").unwrap_or(after);
            rest = after.strip_prefix("}}").ok_or(TemplateError::OpenAction)?;
            continue;
        }
        let (words, after) = words(trimmed)?;
        rest = after;
        action(&words, &mut open, &mut variables)?;
    }
    if open.is_empty() { Ok(()) } else { Err(TemplateError::Nesting) }
}

/// The words of an action, and the text behind its `}}`.
fn words(text: &str) -> Result<(Vec<&str>, &str), TemplateError> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        let start = rest.trim_start();
        let space = start.len() < rest.len();
        rest = start;
        if let Some(after) = rest.strip_prefix("}}") {
            return Ok((words, after));
        }
        if space && let Some(after) = rest.strip_prefix("-}}") {
            return Ok((words, after));
        }
        let c = rest.chars().next().ok_or(TemplateError::OpenAction)?;
        let length = match c {
            '"' | '`' | '\'' => literal(rest, c).ok_or(TemplateError::OpenString)?,
            ':' if rest.starts_with(":=") => 2,
            '(' | ')' | '|' | ',' | '=' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || "()|,=:}\"`".contains(c)).unwrap_or(rest.len()),
        };
        if length == 0 {
            return Err(TemplateError::Unexpected(c.into()));
        }
        let (word, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        words.push(word);
        rest = tail;
    }
}

fn literal(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            '\n' if quote != '`' => return None,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn action(words: &[&str], open: &mut Vec<(String, usize)>, variables: &mut Vec<String>) -> Result<(), TemplateError> {
    let Some((first, rest)) = words.split_first() else { return Err(TemplateError::EmptyAction) };
    match *first {
        "if" | "with" | "range" => {
            open.push(((*first).into(), variables.len()));
            if rest.is_empty() {
                return Err(TemplateError::EmptyAction);
            }
            pipeline(rest, variables)
        }
        "else" => match open.last() {
            Some((kind, _)) if kind != "else" => match rest {
                [] => {
                    if let Some((kind, _)) = open.last_mut() {
                        *kind = "else".into();
                    }
                    Ok(())
                }
                ["if" | "with", more @ ..] if !more.is_empty() => pipeline(more, variables),
                [word, ..] => Err(TemplateError::Unexpected((*word).into())),
            },
            _ => Err(TemplateError::Nesting),
        },
        "end" => {
            let (_, count) = open.pop().ok_or(TemplateError::Nesting)?;
            variables.truncate(count);
            if rest.is_empty() { Ok(()) } else { Err(TemplateError::Unexpected("end".into())) }
        }
        "break" | "continue" if rest.is_empty() => {
            if open.iter().any(|(kind, _)| kind == "range") {
                Ok(())
            } else {
                Err(TemplateError::Unexpected((*first).into()))
            }
        }
        "template" | "block" | "define" => {
            if !rest.first().is_some_and(|name| name.starts_with(['"', '`'])) {
                return Err(TemplateError::Unexpected((*first).into()));
            }
            if *first != "template" {
                open.push(((*first).into(), variables.len()));
            }
            let more = rest.get(1..).unwrap_or_default();
            if more.is_empty() { Ok(()) } else { pipeline(more, variables) }
        }
        _ => pipeline(words, variables),
    }
}

fn pipeline(words: &[&str], variables: &mut Vec<String>) -> Result<(), TemplateError> {
    let mut depth = 0usize;
    let declares = words.iter().position(|word| *word == ":=");
    let mut operand_before = false;
    for (index, word) in words.iter().enumerate() {
        let is_declared = declares.is_some_and(|at| index < at);
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1).ok_or(TemplateError::Unexpected(")".into()))?,
            "|" => {
                if !operand_before || index + 1 == words.len() {
                    return Err(TemplateError::Unexpected("|".into()));
                }
                operand_before = false;
                continue;
            }
            ":=" | "=" | "," => {
                operand_before = false;
                continue;
            }
            word if word.starts_with('$') => {
                let name = word.split('.').next().unwrap_or(word);
                if is_declared {
                    variables.push(name.into());
                } else if !variables.iter().any(|known| known == name) {
                    return Err(TemplateError::UnknownVariable(name.into()));
                }
            }
            word if word.starts_with(['.', '"', '`', '\''])
                || word.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c)) => {}
            "true" | "false" | "nil" => {}
            word if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                let name = word.split('.').next().unwrap_or(word);
                if !FUNCTIONS.contains(&name) {
                    return Err(TemplateError::UnknownFunction(name.into()));
                }
            }
            word => return Err(TemplateError::Unexpected(word.into())),
        }
        operand_before = *word != "(";
    }
    if depth > 0 || !operand_before { Err(TemplateError::Unexpected("}}".into())) } else { Ok(()) }
}
