//! What bounds a call: the stop signal and the deadline. No call is made without them.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Why a call ended before it had an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Stopped,
    TimedOut,
}

/// The bounds of one call, retries and waits included.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Cancelled when the user stops the work.
    pub stop: CancellationToken,
    /// When the time runs out; `None` leaves only the limit of each single request (30 s).
    pub deadline: Option<Instant>,
}

impl Call {
    /// A call that ends at `stop` or at `deadline`, whichever comes first.
    #[must_use]
    pub fn new(stop: CancellationToken, deadline: Option<Instant>) -> Self {
        Self { stop, deadline }
    }

    /// The same call, ending after `limit` at the latest.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        // What no clock can tell is no limit.
        let ours = Instant::now().checked_add(limit);
        Self { stop: self.stop.clone(), deadline: self.deadline.into_iter().chain(ours).min() }
    }

    /// Runs `work` until it is done, stopped, or out of time.
    pub(super) async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Ended> {
        let time_out = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Ended::Stopped),
            done = work => Ok(done),
            () = time_out => Err(Ended::TimedOut),
        }
    }

    /// Whether a pause of `time` leaves something of the deadline.
    pub(super) fn has(&self, time: Duration) -> bool {
        self.deadline.is_none_or(|deadline| Instant::now() + time < deadline)
    }
}
