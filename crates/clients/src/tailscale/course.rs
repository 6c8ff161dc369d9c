//! What happens on the way to an answer: which failures are worth another try, when, and how often.

use std::time::Duration;

use tokio::time::Instant;

use super::error::{Cause, Error, Operation};
use super::request::Request;
use crate::backoff::{TRIES, asked, backoff};
use crate::call::Ended;

/// The least that a try is given, however long the server has been away.
const LAST_TRY: Duration = Duration::from_secs(1);

/// How long an absent or silent server is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a single request may go without a word from the server.
    pub silence: Duration,
    /// How long the server may be away before the call fails.
    pub outage: Duration,
}

impl Patience {
    /// For work that somebody waits for.
    pub const WORK: Self = Self { silence: Duration::from_secs(30), outage: Duration::from_mins(1) };

    /// For what must not hold anything up: while planning, and at the beginning of a destroy. A destroy asks three times, one
    /// after another (refresh, plan, delete), and is to be done in a quarter of a minute with a server that is not there.
    pub const GLANCE: Self = Self { silence: Duration::from_secs(4), outage: Duration::from_secs(4) };

    /// For the rest of a destroy: a server that was there a moment ago will be there again, or not soon.
    pub const BLIP: Self = Self { silence: Duration::from_secs(6), outage: Duration::from_secs(15) };
}

/// What happened so far on the way to an answer.
pub(super) struct Course {
    pub(super) patience: Patience,
    pub(super) tries: u32,
    pub(super) renewed: bool,
    pub(super) generation: u64,
    pub(super) uncertain: bool,
    pub(super) away_since: Option<Instant>,
    pub(super) last: Option<String>,
    /// What failed last, unless the server only asked to wait.
    pub(super) failing: Option<String>,
}

impl Course {
    pub(super) fn new(patience: Patience) -> Self {
        let (tries, renewed, generation, uncertain) = (0, false, 0, false);
        Self { patience, tries, renewed, generation, uncertain, away_since: None, last: None, failing: None }
    }

    pub(super) fn fail(&self, request: &Request, cause: Cause) -> Error {
        Error { uncertain: self.uncertain, ..request.fail(cause) }
    }

    /// A token can end before its time: may another one be asked for, once in a call?
    pub(super) fn may_renew(&mut self, request: &Request) -> bool {
        let first = !std::mem::replace(&mut self.renewed, true);
        first && request.operation != Operation::LogIn
    }

    /// How long to wait before the next try; `None` when it would be wrong or useless.
    pub(super) fn pause(&mut self, cause: &Cause, request: &Request) -> Option<Duration> {
        self.tries += 1;
        if !matches!(cause, Cause::Unreachable { .. } | Cause::Silent { .. }) {
            self.away_since = None;
        }
        match cause {
            // Whoever asks to wait is there: only the deadline ends this.
            Cause::Overloaded { code: 429, retry_after } => {
                Some(retry_after.map_or_else(|| backoff(self.tries), asked))
            }
            _ if self.uncertain && !request.repeats() => None,
            Cause::Overloaded { retry_after, .. } if self.tries < TRIES => {
                Some(retry_after.map_or_else(|| backoff(self.tries), asked))
            }
            Cause::Api { code: 500..=599, .. } if self.tries < TRIES => Some(backoff(self.tries)),
            Cause::Unreachable { reason, .. } if !reason.is_about_trust() => self.absent(),
            Cause::Silent { limit, .. } => self.absent_for(*limit),
            _ => None,
        }
    }

    /// How long the next try may go without a word: an outage is not made longer by the try that ends it.
    pub(super) fn silence(&self) -> Duration {
        let left = self.away_since.map(|since| self.patience.outage.saturating_sub(since.elapsed()).max(LAST_TRY));
        left.map_or(self.patience.silence, |left| left.min(self.patience.silence))
    }

    fn absent(&mut self) -> Option<Duration> {
        self.absent_for(Duration::ZERO)
    }

    /// The server is away, and was already for some time when that was noticed.
    fn absent_for(&mut self, unnoticed: Duration) -> Option<Duration> {
        let now = Instant::now();
        let since = *self.away_since.get_or_insert(now.checked_sub(unnoticed).unwrap_or(now));
        let pause = backoff(self.tries);
        (since.elapsed() + pause < self.patience.outage).then_some(pause)
    }
}

/// Why a wait ended before what was waited for.
pub(super) fn why(ended: Ended, last: Option<String>) -> Cause {
    match ended {
        Ended::Stopped => Cause::Stopped,
        Ended::TimedOut => Cause::TimedOut { last },
    }
}
