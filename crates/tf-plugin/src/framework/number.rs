//! Terraform's number: any decimal, kept exactly. Never goes through a float that would round it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A decimal number of any size and precision.
///
/// Two numbers are equal when they are the same decimal, however they were written: `0.1` from a float, `"0.1"` from
/// text and `1e-1` are one value, which is how Terraform compares them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Form);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    Integer(i64),
    /// Never an integer that fits `i64`. `digits` has neither leading nor trailing zeros.
    Decimal {
        negative: bool,
        digits: String,
        exponent: i64,
    },
}

/// The text is no decimal number.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not a decimal number")]
pub struct NotANumber(pub String);

impl Number {
    /// The number as a whole one, where it is whole and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Integer(value) => Some(value),
            Form::Decimal { .. } => None,
        }
    }

    /// Is it a whole number, however large?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self.0 {
            Form::Integer(_) => true,
            Form::Decimal { exponent, .. } => exponent >= 0,
        }
    }

    /// The nearest double. For display and for limits only: it rounds.
    #[must_use]
    pub fn to_f64_lossy(&self) -> f64 {
        // The text is a decimal by construction, so that parsing it cannot fail.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// A double as the shortest decimal that reads back as the same double. `None` for infinities and NaN, which
    /// Terraform's language cannot write.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_finite() { format!("{value:e}").parse().ok() } else { None }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Form::Integer(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::decimal(false, &value.to_string(), 0), Self::from)
    }
}

impl Number {
    fn decimal(negative: bool, digits: &str, exponent: i64) -> Self {
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Self(Form::Integer(0));
        }
        let trailing = i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX);
        let exponent = exponent.saturating_add(trailing);
        Self::small_integer(negative, significant, exponent).map_or_else(
            || Self(Form::Decimal { negative, digits: significant.to_owned(), exponent }),
            |value| Self(Form::Integer(value)),
        )
    }

    fn small_integer(negative: bool, digits: &str, exponent: i64) -> Option<i64> {
        let zeros = u32::try_from(exponent).ok().filter(|zeros| *zeros <= 19)?;
        let magnitude = digits.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(zeros)?)?;
        i64::try_from(if negative { -magnitude } else { magnitude }).ok()
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(value) = text.parse::<i64>() {
            return Ok(Self::from(value));
        }
        let refused = || NotANumber(text.to_owned());
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().map_err(|_| refused())?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(refused());
        }
        let shift = i64::try_from(fraction.len()).map_err(|_| refused())?;
        let exponent = exponent.checked_sub(shift).ok_or_else(refused)?;
        Ok(Self::decimal(negative, &format!("{whole}{fraction}"), exponent))
    }
}

/// How many zeros are written out before the exponent form is used.
const PLAIN_ZEROS: i64 = 40;

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, digits, exponent) = match &self.0 {
            Form::Integer(value) => return write!(out, "{value}"),
            Form::Decimal { negative, digits, exponent } => (*negative, digits, *exponent),
        };
        if negative {
            out.write_str("-")?;
        }
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let point = length.saturating_add(exponent);
        if (0..=PLAIN_ZEROS).contains(&exponent) {
            write!(out, "{digits}{}", "0".repeat(usize::try_from(exponent).unwrap_or(0)))
        } else if exponent < 0 && point > 0 {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            write!(out, "{whole}.{fraction}")
        } else if exponent < 0 && point > -PLAIN_ZEROS {
            write!(out, "0.{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0)))
        } else {
            write!(out, "{digits}e{exponent}")
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Number({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn one_decimal_has_one_form() {
        for (a, b) in [
            ("1", "1.0"),
            ("0.1", "1e-1"),
            ("100", "1e2"),
            ("-0", "0"),
            ("9223372036854775808", "9.223372036854775808e18"),
        ] {
            assert_eq!(number(a), number(b), "{a} and {b}");
        }
        assert_eq!(Number::from_f64(0.1).unwrap(), number("0.1"));
        assert_ne!(number("0.1"), number("0.10000000149011612"));
    }

    #[test]
    fn big_and_small_numbers_survive() {
        for text in [
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "0.000001",
            "1e400",
            "-123.456",
            "123456789012345678901234567890.5",
        ] {
            assert_eq!(number(&number(text).to_string()), number(text), "{text}");
        }
        assert_eq!(number("0.5").to_string(), "0.5");
        assert_eq!(number("-123.456").to_string(), "-123.456");
        assert_eq!(number("1e20").to_string(), "100000000000000000000");
        assert_eq!(number("9223372036854775807").as_i64(), Some(i64::MAX));
        assert_eq!(Number::from(u64::MAX).to_string(), "18446744073709551615");
    }

    #[test]
    fn whole_numbers_are_told_from_fractions() {
        for (text, whole) in [
            ("0", true),
            ("-1.0", true),
            ("1e40", true),
            ("18446744073709551617", true),
            ("0.5", false),
            ("1e-1", false),
        ] {
            assert_eq!(number(text).is_whole(), whole, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "1x", "0x10", "1e", "NaN", "inf", "1_000", "1e99999999999999999999"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(text in "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?") {
            let value = number(&text);
            prop_assert_eq!(number(&value.to_string()), value);
        }

        #[test]
        fn floats_keep_their_decimal(value in proptest::num::f64::NORMAL) {
            let read: f64 = Number::from_f64(value).unwrap().to_string().parse().unwrap();
            prop_assert_eq!(read.to_bits(), value.to_bits());
        }
    }
}
