//! Which failures are worth another try, and when.

use std::time::Duration;

use super::error::Cause;
use crate::backoff::{TRIES, asked, backoff};
use crate::reach::Unreachable;

/// How long to wait before try number `done + 1`; `None` when it would be wrong or useless.
///
/// A write is repeated only when the server surely did not act on it: it or a proxy refused the connection, or it said 429 or 503.
/// A read is repeated after a broken connection, too.
pub(super) fn pause(cause: &Cause, read: bool, done: u32) -> Option<Duration> {
    if done >= TRIES {
        return None;
    }
    match cause {
        Cause::Overloaded { retry_after: Some(time), .. } => Some(asked(*time)),
        Cause::Overloaded { .. }
        | Cause::Unreachable { reason: Unreachable::Refused | Unreachable::Proxy { .. }, .. } => Some(backoff(done)),
        Cause::Unreachable { reason: Unreachable::Reset, .. } if read => Some(backoff(done)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable(reason: Unreachable) -> Cause {
        Cause::Unreachable { server: String::new(), reason }
    }

    #[test]
    fn a_write_is_not_repeated_after_it_may_have_arrived() {
        assert!(pause(&unreachable(Unreachable::Reset), false, 1).is_none());
        assert!(pause(&unreachable(Unreachable::Reset), true, 1).is_some());
        assert!(pause(&unreachable(Unreachable::Refused), false, 1).is_some());
        assert!(pause(&unreachable(Unreachable::TimedOut), true, 1).is_none());
        assert!(pause(&Cause::NotFound, true, 1).is_none());
    }

    #[test]
    fn the_server_is_given_the_time_that_it_asks_for() {
        let asked = Duration::from_secs(3);
        let busy = Cause::Overloaded { code: 429, message: String::new(), retry_after: Some(asked) };
        assert!(pause(&busy, false, 1).is_some_and(|wait| wait >= asked));
        assert!(pause(&busy, false, TRIES).is_none());
    }
}
