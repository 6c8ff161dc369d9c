//! Durations as Terraform users write them: `"90s"`, `"10m"`, `"1h30m"`.

use std::time::Duration;

use thiserror::Error;

/// The text is no duration.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not a duration: write a number with a unit, for example \"90s\", \"10m\" or \"1h30m\"")]
pub struct NotADuration(pub String);

/// Reads a duration of zero or more.
///
/// # Errors
/// [`NotADuration`] for anything else, negative durations included.
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    let refused = || NotADuration(text.to_owned());
    // jiff also reads ISO 8601 and spelled-out units; Terraform's users know Go's notation only.
    let go_like =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'h' | b'm' | b's' | b'u' | b'n'));
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if !go_like || text.is_empty() {
        return Err(refused());
    }
    let signed: jiff::SignedDuration = text.parse().map_err(|_| refused())?;
    Duration::try_from(signed).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_notation_is_read() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("1h30m", 5400), ("24h", 86_400), ("0", 0), ("0s", 0)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "5", "-5m", "PT10M", "1 h", "ten minutes", "5x", "1d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
