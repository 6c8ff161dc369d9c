//! Numbers, durations and truth values as Go's library reads them, since that is what the plugins call.

/// Nanoseconds, as Go's `time.Duration`.
pub(crate) type Nanoseconds = i64;

pub(crate) const MILLISECOND: Nanoseconds = 1_000_000;
pub(crate) const SECOND: Nanoseconds = 1_000 * MILLISECOND;
pub(crate) const MINUTE: Nanoseconds = 60 * SECOND;
pub(crate) const HOUR: Nanoseconds = 60 * MINUTE;

/// `strconv.Atoi`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

/// `strconv.ParseUint(text, 10, bits)`.
pub(crate) fn unsigned(text: &str, bits: u32) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| fits(*number, bits))
}

/// `strconv.ParseUint(text, 0, bits)`: with a prefix for the base, and underscores between digits.
pub(crate) fn unsigned_any_base(text: &str, bits: u32) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    // An underscore may follow the prefix and stand between digits, never at the end, never twice.
    if digits.ends_with('_') || digits.contains("__") || (base == 10 && digits.contains('_') && digits.starts_with('_'))
    {
        return None;
    }
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(&digits, base).ok().filter(|number| fits(*number, bits))
}

fn fits(number: u64, bits: u32) -> bool {
    bits >= 64 || number < (1 << bits)
}

/// `strconv.ParseBool`.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseFloat` for what people write: decimal with exponent, `inf`, `nan`.
pub(crate) fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let word = unsigned.to_ascii_lowercase();
    if matches!(word.as_str(), "inf" | "infinity" | "nan") {
        // Go has no signed nan.
        return if word == "nan" && unsigned.len() != text.len() { None } else { text.parse().ok() };
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `time.ParseDuration`: `5s`, `1m30s`, `1.5h`, `-3ms`, and `0` without a unit.
pub(crate) fn duration(text: &str) -> Option<Nanoseconds> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(number_end)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit_end)?;
        let unit: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let mut amount = whole.checked_mul(unit)?;
        let mut scale = unit;
        for digit in fraction.bytes().take(18) {
            scale /= 10;
            amount = amount.checked_add(u64::from(digit - b'0') * scale)?;
        }
        total = total.checked_add(amount)?;
        if total > 1 << 63 {
            return None;
        }
        rest = tail;
    }
    if negative {
        return if total == 1 << 63 { Some(i64::MIN) } else { i64::try_from(total).ok().map(|number| -number) };
    }
    i64::try_from(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_go_reads_them() {
        for (text, expected) in [
            ("5s", Some(5 * SECOND)),
            ("1m30s", Some(90 * SECOND)),
            ("1.5h", Some(90 * MINUTE)),
            ("-3ms", Some(-3 * MILLISECOND)),
            ("0", Some(0)),
            ("+0", Some(0)),
            (".5s", Some(500 * MILLISECOND)),
            ("5", None),
            ("", None),
            ("s", None),
            ("1d", None),
            ("5 s", None),
            ("1.2.3s", None),
            (".s", None),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("9223372036854775808ns", None),
            ("3000000h", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn integers_as_go_reads_them() {
        for (text, expected) in
            [("5", Some(5)), ("+5", Some(5)), ("-5", Some(-5)), ("05", Some(5)), ("", None), ("-", None), ("1_0", None)]
        {
            assert_eq!(integer(text), expected, "{text}");
        }
        assert_eq!(integer("9223372036854775808"), None);
        assert_eq!(unsigned("-1", 32), None);
        assert_eq!(unsigned("4294967296", 32), None);
        assert_eq!(unsigned_any_base("0xffff", 16), Some(65_535));
        assert_eq!(unsigned_any_base("0x10000", 16), None);
        assert_eq!(unsigned_any_base("017", 16), Some(15));
        assert_eq!(unsigned_any_base("08", 16), None);
    }

    #[test]
    fn floats_as_go_reads_them() {
        for (text, good) in [
            ("1", true),
            (".5", true),
            ("1e3", true),
            ("inf", true),
            ("nan", true),
            ("", false),
            ("x", false),
            ("1e999", false),
        ] {
            assert_eq!(float(text).is_some(), good, "{text}");
        }
    }
}
