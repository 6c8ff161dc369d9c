//! Expressions of `view` and `template`: what can be said without CoreDNS's own compiler (expr-lang). Words, brackets,
//! their order and names are judged; types are not, so an expression that passes is listed as a requirement.

#[cfg(test)]
mod tests;
mod words;

use thiserror::Error;

use self::words::Piece;

/// Why an expression is refused.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum ExpressionError {
    #[error("it is empty")]
    Empty,
    #[error("a string is not closed")]
    OpenString,
    #[error("a comment is not closed")]
    OpenComment,
    #[error("the brackets do not match")]
    Brackets,
    #[error("`{0}` is not expected here")]
    Unexpected(String),
    #[error("it ends where a value is expected")]
    Unfinished,
    #[error("the function `{0}` does not exist")]
    UnknownFunction(String),
    #[error("the name `{0}` does not exist")]
    UnknownName(String),
}

/// What `plugin/pkg/expression` gives to every expression.
const ENVIRONMENT: &[&str] = &[
    "incidr",
    "metadata",
    "type",
    "name",
    "class",
    "proto",
    "size",
    "client_ip",
    "port",
    "id",
    "opcode",
    "do",
    "bufsize",
    "server_ip",
    "server_port",
];

/// Functions of the language (expr-lang 1.17).
const BUILTINS: &str = "all any one none map filter find findIndex findLast findLastIndex count sum groupBy sortBy reduce len type abs \
    ceil floor round int float string trim trimPrefix trimSuffix upper lower split splitAfter replace repeat join indexOf lastIndexOf \
    hasPrefix hasSuffix max min mean median toJSON fromJSON toBase64 fromBase64 now duration date timezone first last get take keys \
    values toPairs fromPairs reverse uniq concat flatten sort bitand bitor bitxor bitnand bitnot bitshl bitshr bitushr";

/// Words that are no names.
const KEYWORDS: &[&str] = &[
    "true",
    "false",
    "nil",
    "in",
    "not",
    "and",
    "or",
    "matches",
    "contains",
    "startsWith",
    "endsWith",
    "let",
    "if",
    "else",
];

/// Whether a variable may not have this name: the language or the environment has it.
pub(super) fn is_reserved(name: &str, own: &[String]) -> bool {
    ENVIRONMENT.contains(&name)
        || KEYWORDS.contains(&name)
        || BUILTINS.split_whitespace().any(|known| known == name)
        || own.iter().any(|known| known == name)
}

/// Judges an expression that also knows the names `own`.
pub(super) fn judge(text: &str, own: &[String]) -> Result<(), ExpressionError> {
    let mut reader = Reader { own, rest: text, bound: Vec::new(), open: Vec::new(), conditions: 0, last: Last::Begin };
    while let Some(piece) = reader.piece()? {
        reader.place(piece)?;
    }
    match (reader.last, reader.open.is_empty()) {
        (Last::Begin, _) => Err(ExpressionError::Empty),
        (_, false) => Err(ExpressionError::Brackets),
        (Last::Value | Last::Name | Last::End, true) => Ok(()),
        _ => Err(ExpressionError::Unfinished),
    }
}

/// What the word before was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Begin,
    Open,
    Value,
    /// A value that may be called.
    Name,
    /// An operator behind which a value is expected.
    Operator,
    /// `not` behind a value: `in` and its like follow.
    Negation,
    /// A comma or a colon: a bracket may close behind it.
    Separator,
    /// A semicolon: the expression may end behind it.
    End,
    /// A dot: any word is a field behind it.
    Dot,
    /// `let`: a new name follows.
    Let,
}

struct Reader<'a> {
    own: &'a [String],
    rest: &'a str,
    bound: Vec<&'a str>,
    /// The brackets that close what is open.
    open: Vec<char>,
    /// How many `if` were read: their braces hold expressions.
    conditions: usize,
    last: Last,
}

impl<'a> Reader<'a> {
    /// Whether a value is expected.
    fn wants_value(&self) -> bool {
        !matches!(self.last, Last::Value | Last::Name)
    }

    fn place(&mut self, piece: Piece<'a>) -> Result<(), ExpressionError> {
        match piece {
            Piece::Word(word) => self.word(word),
            Piece::Literal(_) if self.wants_value() && !matches!(self.last, Last::Dot | Last::Let | Last::Negation) => {
                self.last = Last::Value;
                Ok(())
            }
            Piece::Literal(text) => Err(ExpressionError::Unexpected(text.into())),
            Piece::Open(bracket) => {
                let closes = match bracket {
                    '(' => ')',
                    '[' => ']',
                    _ => '}',
                };
                let fits = match (bracket, self.last) {
                    (_, Last::Let | Last::Dot | Last::Negation) => bracket == '[' && self.last == Last::Dot,
                    ('{', Last::Value | Last::Name) => self.conditions > 0,
                    _ => true,
                };
                if !fits {
                    return Err(ExpressionError::Unexpected(bracket.into()));
                }
                self.open.push(closes);
                self.last = Last::Open;
                Ok(())
            }
            Piece::Close(bracket) => {
                if self.open.pop() != Some(bracket) {
                    return Err(ExpressionError::Brackets);
                }
                if matches!(self.last, Last::Operator | Last::Dot | Last::Let | Last::Negation | Last::Begin) {
                    return Err(ExpressionError::Unexpected(bracket.into()));
                }
                self.last = Last::Value;
                Ok(())
            }
            Piece::Operator(operator) => self.operator(operator),
        }
    }

    fn operator(&mut self, operator: &str) -> Result<(), ExpressionError> {
        let next = match operator {
            "." | "?." => Last::Dot,
            ";" => Last::End,
            "," | ":" => Last::Separator,
            _ => Last::Operator,
        };
        // A sign, a negation, a field of the element at hand, a call of the language's own function; a slice without a
        // beginning, and `a ?: b`.
        let unary = matches!(operator, "-" | "+" | "!" | "." | "?." | "::")
            || (operator == ":" && matches!(self.last, Last::Open | Last::Operator));
        if self.wants_value() && (!unary || matches!(self.last, Last::Dot | Last::Let | Last::Negation)) {
            return Err(ExpressionError::Unexpected(operator.into()));
        }
        self.last = next;
        Ok(())
    }

    fn word(&mut self, word: &'a str) -> Result<(), ExpressionError> {
        match self.last {
            Last::Dot => {
                self.last = Last::Name;
                return Ok(());
            }
            Last::Let => {
                self.bound.push(word);
                self.last = Last::Name;
                return Ok(());
            }
            _ => {}
        }
        let wants_value = self.wants_value();
        let called = self.rest.trim_start().starts_with('(');
        match word {
            _ if self.last == Last::Negation
                && !matches!(word, "in" | "matches" | "contains" | "startsWith" | "endsWith") =>
            {
                return Err(ExpressionError::Unexpected(word.into()));
            }
            "true" | "false" | "nil" if wants_value => self.last = Last::Value,
            "in" | "matches" | "contains" | "startsWith" | "endsWith"
                if !wants_value || self.last == Last::Negation =>
            {
                self.last = Last::Operator;
            }
            "not" => self.last = if wants_value { Last::Operator } else { Last::Negation },
            "and" | "or" if !wants_value => self.last = Last::Operator,
            "let" if wants_value => self.last = Last::Let,
            "if" if wants_value => {
                self.conditions += 1;
                self.last = Last::Operator;
            }
            "else" if !wants_value && self.conditions > 0 => self.last = Last::Separator,
            _ if !wants_value || KEYWORDS.contains(&word) => return Err(ExpressionError::Unexpected(word.into())),
            _ => {
                // A key of a map is a word of any kind.
                let key = self.open.last() == Some(&'}') && self.rest.trim_start().starts_with(':');
                let known = word == "$env"
                    || ENVIRONMENT.contains(&word)
                    || self.bound.contains(&word)
                    || self.own.iter().any(|own| own == word);
                if called && !known && !BUILTINS.split_whitespace().any(|builtin| builtin == word) {
                    return Err(ExpressionError::UnknownFunction(word.into()));
                }
                if !called && !known && !key {
                    return Err(ExpressionError::UnknownName(word.into()));
                }
                self.last = Last::Name;
            }
        }
        Ok(())
    }
}
