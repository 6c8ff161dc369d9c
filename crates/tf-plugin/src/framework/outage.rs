//! The memory of a server that could not be reached, so that a thousand objects do not wait for it one after another.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a server that could not be reached is believed to stay so: those who ask meanwhile are told at once.
const BELIEVED: Duration = Duration::from_secs(10);

/// When a server could not be reached last, and how that failed.
#[derive(Debug)]
pub struct Outage<F>(Mutex<Option<(Instant, F)>>);

impl<F> Default for Outage<F> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<F: Clone> Outage<F> {
    /// The failure, where the server could not be reached in the last ten seconds.
    #[must_use]
    pub fn lately(&self) -> Option<F> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(when, _)| when.elapsed() < BELIEVED).map(|(_, failure)| failure.clone())
    }

    /// It could not be reached just now.
    pub fn remember(&self, failure: F) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), failure));
    }

    /// It has answered since.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_believed_for_a_while_or_until_the_server_answers() {
        let outage = Outage::default();
        assert_eq!(outage.lately(), None);
        outage.remember("refused");
        tokio::time::advance(BELIEVED / 2).await;
        assert_eq!(outage.lately(), Some("refused"));
        tokio::time::advance(BELIEVED).await;
        assert_eq!(outage.lately(), None);
        outage.remember("refused");
        outage.forget();
        assert_eq!(outage.lately(), None);
    }
}
