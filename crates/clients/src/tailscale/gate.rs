//! What a server that is asked too much asks for holds for all calls of a client: one waits, all wait.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;

/// How far apart calls go on when the gate opens, so that they do not all arrive at once again.
const SPREAD: Duration = Duration::from_millis(200);

/// Closed until a point in time.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Option<Instant>>);

impl Gate {
    /// Keeps everybody waiting so long from now.
    pub(super) fn close(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *gate = Some(gate.map_or(until, |earlier| earlier.max(until)));
    }

    /// How long to wait now; `None` when the gate is open.
    pub(super) fn wait(&self) -> Option<Duration> {
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = gate.map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            Some(left) if !left.is_zero() => Some(left + rand::rng().random_range(Duration::ZERO..=SPREAD)),
            _ => {
                *gate = None;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_wait_counts() {
        let gate = Gate::default();
        assert_eq!(gate.wait(), None);
        gate.close(Duration::from_secs(2));
        gate.close(Duration::from_secs(1));
        let wait = gate.wait().unwrap();
        assert!(wait >= Duration::from_secs(2) && wait <= Duration::from_secs(2) + SPREAD);
        tokio::time::advance(wait).await;
        assert_eq!(gate.wait(), None);
    }
}
