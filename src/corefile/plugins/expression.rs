//! Expressions of `view`: what can be said without CoreDNS's own compiler (expr-lang). Names, strings and brackets are
//! judged; types are not, so an expression that passes is listed as a requirement.

use thiserror::Error;

/// Why an expression is refused.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum ExpressionError {
    #[error("it is empty")]
    Empty,
    #[error("a string is not closed")]
    OpenString,
    #[error("the brackets do not match")]
    Brackets,
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
}

/// Functions of `plugin/pkg/expression` and of the language.
const FUNCTIONS: &str = "incidr metadata type name class proto size client_ip port id opcode do bufsize server_ip server_port \
    all any one none map filter find findIndex findLast findLastIndex count sum groupBy sortBy reduce len abs ceil floor round int \
    float string trim trimPrefix trimSuffix upper lower split splitAfter replace repeat join indexOf lastIndexOf hasPrefix hasSuffix \
    max min mean median toJSON fromJSON toBase64 fromBase64 now duration date timezone first last get take keys values toPairs \
    fromPairs reverse concat flatten uniq sort bitand bitor bitxor bitnand bitnot bitshl bitshr bitushr";

/// Judges an expression.
pub(super) fn judge(text: &str) -> Result<(), ExpressionError> {
    if text.trim().is_empty() {
        return Err(ExpressionError::Empty);
    }
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '\'' | '"' | '`' => length = string(rest, c).ok_or(ExpressionError::OpenString)?,
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(c) => return Err(ExpressionError::Brackets),
            c if c.is_alphabetic() || c == '_' => {
                length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                let method = text
                    .get(..text.len() - rest.len())
                    .is_some_and(|before| before.trim_end().ends_with(['.', '#', '$']));
                let operator = matches!(
                    word,
                    "in" | "not"
                        | "and"
                        | "or"
                        | "matches"
                        | "contains"
                        | "startsWith"
                        | "endsWith"
                        | "let"
                        | "if"
                        | "else"
                );
                if after.starts_with('(') && !method && !operator && !FUNCTIONS.split(' ').any(|known| known == word) {
                    return Err(ExpressionError::UnknownFunction(word.into()));
                }
            }
            _ => {}
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    if open.is_empty() { Ok(()) } else { Err(ExpressionError::Brackets) }
}

/// Length of a string literal with its quotes.
fn string(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}
