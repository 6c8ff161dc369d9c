//! How long to wait before another try.

use std::time::Duration;

use rand::Rng;

/// How many tries one call has.
pub(super) const TRIES: u32 = 5;
/// The first wait, and the least that is added to what a server asks for.
pub(super) const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(10);

/// Doubles with each try, and no two callers wait alike.
pub(super) fn backoff(done: u32) -> Duration {
    let top = FIRST.saturating_mul(2_u32.saturating_pow(done.min(10))).min(LONGEST);
    jittered(top / 2, top)
}

/// A little longer than what the server asks for.
pub(super) fn asked(time: Duration) -> Duration {
    jittered(time, time + FIRST)
}

fn jittered(least: Duration, most: Duration) -> Duration {
    rand::rng().random_range(least..=most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert!(backoff(1) <= Duration::from_millis(400));
        assert!(backoff(60) <= LONGEST && backoff(60) >= LONGEST / 2);
    }
}
