//! `time`.

/// `time.Duration`: nanoseconds.
pub type Duration = i64;

/// `time.Millisecond`.
pub const MILLISECOND: Duration = 1_000_000;
/// `time.Second`.
pub const SECOND: Duration = 1_000 * MILLISECOND;
/// `time.Minute`.
pub const MINUTE: Duration = 60 * SECOND;
/// `time.Hour`.
pub const HOUR: Duration = 60 * MINUTE;

/// The most that the sum may be before its sign: one more than the largest duration, since the smallest has no positive counterpart.
const MOST: u64 = 1 << 63;

/// `time.ParseDuration`: `5s`, `1m30s`, `1.5h`, `-3ms`, and `0` without a unit. `None` for what is no duration or does not fit.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
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
        let (part, after) = leading_part(rest)?;
        total = total.checked_add(part).filter(|total| *total <= MOST)?;
        rest = after;
    }
    if negative { 0_i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() }
}

/// A number with its unit, in nanoseconds, and what follows.
fn leading_part(text: &str) -> Option<(u64, &str)> {
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
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
    let amount = whole.checked_mul(unit).filter(|amount| *amount <= MOST)?;
    Some((amount.checked_add(of_fraction(fraction, unit)).filter(|amount| *amount <= MOST)?, rest))
}

fn digits(text: &str) -> usize {
    text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len())
}

/// The digits behind a decimal point, of a unit. What does not fit any more is left out, and the rest is rounded, as Go does.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Go computes this in float64 and cuts it off"
)]
fn of_fraction(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1_f64);
    for digit in digits.bytes() {
        let next = (value <= (MOST - 1) / 10).then(|| value * 10 + u64::from(digit - b'0'));
        let Some(next) = next.filter(|next| *next <= MOST) else { break };
        (value, scale) = (next, scale * 10.0);
    }
    (value as f64 * (unit as f64 / scale)) as u64
}
