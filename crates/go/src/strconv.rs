//! `strconv`.

/// `strconv.Atoi`.
#[must_use]
pub fn atoi(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

/// `strconv.ParseUint(text, 10, bits)`.
#[must_use]
pub fn parse_uint(text: &str, bits: u32) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| fits(*number, bits))
}

/// `strconv.ParseUint(text, 0, bits)`: with a prefix for the base, and underscores between digits.
#[must_use]
pub fn parse_uint_any_base(text: &str, bits: u32) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    // An underscore may follow the prefix and stand between digits, never at the end, never twice.
    if digits.ends_with('_') || digits.contains("__") || (base == 10 && digits.starts_with('_')) {
        return None;
    }
    let digits: String = digits.chars().filter(|character| *character != '_').collect();
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(&digits, base).ok().filter(|number| fits(*number, bits))
}

fn fits(number: u64, bits: u32) -> bool {
    bits >= 64 || number < (1 << bits)
}

/// `strconv.ParseBool`.
#[must_use]
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseFloat` for what people write: decimal with exponent, `inf`, `nan`. Hexadecimal numbers and underscores are not read.
#[must_use]
pub fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let word = unsigned.to_ascii_lowercase();
    if matches!(word.as_str(), "inf" | "infinity" | "nan") {
        // Go has no signed nan.
        return if word == "nan" && unsigned.len() != text.len() { None } else { text.parse().ok() };
    }
    if !unsigned.starts_with(|character: char| character.is_ascii_digit() || character == '.') {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
