//! The one place that waits: looks again until a deadline.

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(50);

/// Looks until `look` finds something.
///
/// # Panics
/// When `limit` is over, with what was waited for.
pub fn until<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "after {} s there was still no {what}", limit.as_secs());
        std::thread::park_timeout(PAUSE);
    }
}
