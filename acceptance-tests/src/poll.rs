//! The one place that waits: looks again until a deadline.

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(50);

/// Nothing is given up sooner: other tests may have the machine. What must come soon is bounded beside a control run.
const LEAST: Duration = Duration::from_mins(1);

/// Looks until `look` finds something.
///
/// # Panics
/// When `limit`, and a minute, is over, with what was waited for.
pub fn until<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let limit = limit.max(LEAST);
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "after {} s there was still no {what}", limit.as_secs());
        std::thread::park_timeout(PAUSE);
    }
}
