//! Durations as users write them for Vault, and as Vault gives them back: whole seconds. Equal when they mean the same.

use tf_plugin::framework::duration::parse;
use tf_plugin::framework::validation::Check;

/// Whole seconds; `-1` and `"-1s"` too, which Vault takes for "none" where it takes a leeway.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(|seconds| sign * seconds);
    }
    let duration = parse(text).ok().filter(|duration| duration.subsec_nanos() == 0)?;
    i64::try_from(duration.as_secs()).ok().map(|seconds| sign * seconds)
}

/// The text of so many seconds, as a user would write it: `"24h"`, `"1h30m"`.
#[must_use]
pub fn text(seconds: i64) -> String {
    if seconds <= 0 {
        return format!("{seconds}s");
    }
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let written: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    written.concat()
}

/// A duration of zero or more.
#[must_use]
pub fn is_span() -> Check {
    Check::text(|text| match seconds(text) {
        Some(0..) => Ok(()),
        _ => Err(format!(
            "{text:?} is not a duration in whole seconds. Write \"24h\", \"1h30m\", \"90s\", or a number of seconds."
        )),
    })
}

/// A duration, or `-1` for none.
#[must_use]
pub fn is_leeway() -> Check {
    Check::text(|text| match seconds(text) {
        Some(-1..) => Ok(()),
        _ => {
            Err(format!("{text:?} is not a leeway. Write \"150s\", \"2m\", a number of seconds, or \"-1s\" for none."))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_mean_the_same_are_equal() {
        for (written, expected) in
            [("24h", 86_400), ("86400", 86_400), ("1h30m", 5400), ("90s", 90), ("0", 0), ("-1", -1), ("-1s", -1)]
        {
            assert_eq!(seconds(written), Some(expected), "{written}");
            assert_eq!(seconds(&text(expected)), Some(expected), "{written}");
        }
        assert_eq!((text(86_400), text(5400), text(90)), ("24h".into(), "1h30m".into(), "1m30s".into()));
        for wrong in ["", "-", "1.5s", "1d", "ten"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
