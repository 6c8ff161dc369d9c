//! What a scalar without quotes means: null, a bool, a number, a time or a text, by the rules that Go's YAML libraries
//! share, since it is they that read the files which we read.

use std::sync::LazyLock;

use regex::Regex;

use super::{Kind, Node};

/// The meaning of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number; wider than any that is stored, so that what does not fit can be told.
    Int(i128),
    /// Another number.
    Float(f64),
    /// A date or a time.
    Time(String),
    /// Anything else.
    Text(String),
}

static FLOAT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$").ok());

static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})([Tt ]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?$").ok()
});

/// The meaning of a node; `None` where it is no scalar, or where its tag says what it is not.
#[must_use]
pub fn resolve(node: &Node) -> Option<Scalar> {
    let Kind::Scalar(text, plain) = &node.kind else { return None };
    match node.tag.as_deref() {
        None | Some("!") if *plain => Some(of_plain(text)),
        None | Some("!" | "!!str") => Some(Scalar::Text(text.clone())),
        Some(tag) => {
            let found = of_plain(text);
            match (tag, &found) {
                ("!!null", Scalar::Null)
                | ("!!bool", Scalar::Bool(_))
                | ("!!int", Scalar::Int(_))
                | ("!!float", Scalar::Float(_))
                | ("!!timestamp", Scalar::Time(_)) => Some(found),
                #[allow(clippy::cast_precision_loss, reason = "as the libraries do")]
                ("!!float", Scalar::Int(number)) => Some(Scalar::Float(*number as f64)),
                ("!!null" | "!!bool" | "!!int" | "!!float" | "!!timestamp", _) => None,
                _ => Some(Scalar::Text(text.clone())),
            }
        }
    }
}

fn of_plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        "-0" | "-0.0" => return Scalar::Float(-0.0),
        _ => {}
    }
    let first = text.chars().next().unwrap_or_default();
    let number = |text: &str| FLOAT.as_ref().filter(|pattern| pattern.is_match(text)).and_then(|_| text.parse().ok());
    if first == '.' {
        return number(text).map_or_else(|| Scalar::Text(text.to_owned()), Scalar::Float);
    }
    if !first.is_ascii_digit() && !matches!(first, '+' | '-') {
        return Scalar::Text(text.to_owned());
    }
    if is_time(text) {
        return Scalar::Time(text.to_owned());
    }
    let bare = text.replace('_', "");
    if let Some(whole) = integer(&bare) {
        return Scalar::Int(whole);
    }
    number(&bare).map_or_else(|| Scalar::Text(text.to_owned()), Scalar::Float)
}

/// A whole number as Go reads one with base 0: `0x`, `0o`, `0b`, and a leading zero for octal.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, rest) = match (lower.get(..2), lower.strip_prefix('0')) {
        (Some("0x"), _) => (16, lower.get(2..)?),
        (Some("0o"), _) => (8, lower.get(2..)?),
        (Some("0b"), _) => (2, lower.get(2..)?),
        (_, Some(rest)) if !rest.is_empty() => (8, rest),
        _ => (10, lower.as_str()),
    };
    if rest.is_empty() || !rest.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let value = i128::from_str_radix(rest, base).ok()?;
    let value = if negative { -value } else { value };
    let unsigned = !text.starts_with(['-', '+']);
    let most = if unsigned { i128::from(u64::MAX) } else { i128::from(i64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&value).then_some(value)
}

fn is_time(text: &str) -> bool {
    let Some(parts) = TIME.as_ref().and_then(|pattern| pattern.captures(text)) else { return false };
    let number = |index: usize| parts.get(index).and_then(|part| part.as_str().parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (number(1), number(2), number(3)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    if day == 0 || day > days {
        return false;
    }
    let Some(rest) = parts.get(4) else { return true };
    let zoned = parts.get(9).is_some();
    // A `T` needs a zone, a blank must have none.
    if rest.as_str().starts_with(' ') == zoned {
        return false;
    }
    let within = |index: usize, most: u32| number(index).is_some_and(|value| value <= most);
    within(5, 23) && within(6, 59) && within(7, 59)
}
