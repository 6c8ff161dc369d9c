//! Times in HTTP headers: `Date`, and both forms of `Retry-After`.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// No server is believed that asks for more.
const LONGEST: Duration = Duration::from_hours(1);

/// What the server's clock said.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    parse(headers.get(DATE)?.to_str().ok()?)
}

/// How long the server asks to wait: so many seconds, or until a time of its own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let until = parse(text)?;
    // Our clock may be wrong: the server's own says how far away that is.
    let now = date(headers).unwrap_or_else(Timestamp::now);
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default().min(LONGEST))
}

/// Reads an HTTP date, the preferred form of RFC 9110.
fn parse(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (reqwest::header::HeaderName::try_from(*name).unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let after = |pairs: &[(&str, &str)]| retry_after(&headers(pairs));
        assert_eq!(after(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        let date = ("date", "Tue, 24 Nov 2026 20:00:00 GMT");
        assert_eq!(after(&[("retry-after", "Tue, 24 Nov 2026 20:00:09 GMT"), date]), Some(Duration::from_secs(9)));
        assert_eq!(after(&[("retry-after", "Tue, 24 Nov 2026 19:00:00 GMT"), date]), Some(Duration::ZERO));
        assert_eq!(after(&[("retry-after", "99999999")]), Some(LONGEST));
        assert_eq!(after(&[("retry-after", "soon")]), None);
        assert_eq!(after(&[]), None);
    }

    #[test]
    fn the_servers_clock_is_read() {
        let seen = date(&headers(&[("date", "Sun, 06 Nov 1994 08:49:37 GMT")])).unwrap();
        assert_eq!(seen.as_second(), 784_111_777);
        assert_eq!(date(&headers(&[("date", "yesterday")])), None);
    }
}
