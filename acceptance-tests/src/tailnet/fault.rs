//! What can go wrong, and when.

use std::time::Duration;

use serde::Deserialize;

/// One way to go wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// This answer, and nothing is done.
    Answer {
        /// The status.
        code: u16,
        /// `Retry-After`: seconds, or a date.
        #[serde(default)]
        retry_after: Option<String>,
        /// The body.
        #[serde(default)]
        body: String,
    },
    /// It is done, and this is answered all the same.
    DoneAndAnswer {
        /// The status.
        code: u16,
    },
    /// It is done, and the connection is reset.
    DoneAndReset,
    /// Nothing is done, and the connection is reset.
    Reset,
    /// Nothing is ever answered.
    Silence,
    /// The body comes in so many pieces, with pauses of so many milliseconds.
    Slow {
        /// Pieces.
        pieces: usize,
        /// Milliseconds between them.
        pause: u64,
    },
    /// The body ends in its middle, and its length says that it is whole.
    Malformed,
    /// Every token that was given out ends now.
    EndTokens,
    /// These devices, by node id, come online just before.
    Wake {
        /// Which.
        node_ids: Vec<String>,
    },
}

/// When a fault happens: at requests of this method whose path begins so, after the first `skip` of them, at every
/// `every`th, so many `times`.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// The method.
    pub method: String,
    /// How the path begins.
    pub path: String,
    /// Requests that are left alone first.
    #[serde(default)]
    pub skip: usize,
    /// 1 is each.
    #[serde(default = "one")]
    pub every: usize,
    /// How often.
    #[serde(default = "one")]
    pub times: usize,
    /// What.
    pub fault: Fault,
}

fn one() -> usize {
    1
}

impl Rule {
    /// Once, at the next request of this sort.
    #[must_use]
    pub fn once(method: &str, path: &str, fault: Fault) -> Self {
        Self { method: method.into(), path: path.into(), skip: 0, every: 1, times: 1, fault }
    }

    /// At the next list of devices.
    #[must_use]
    pub fn at_list(fault: Fault) -> Self {
        Self::once("GET", "/api/v2/tailnet/", fault)
    }

    /// At the next deletion of a device.
    #[must_use]
    pub fn at_delete(fault: Fault) -> Self {
        Self::once("DELETE", "/api/v2/device/", fault)
    }

    /// After so many others.
    #[must_use]
    pub fn after(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// So many times.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// At every `every`th only.
    #[must_use]
    pub fn every(mut self, every: usize) -> Self {
        self.every = every;
        self
    }

    /// Does it happen now?
    pub(super) fn strikes(&mut self, method: &str, path: &str) -> Option<Fault> {
        if self.method != method || !path.starts_with(&self.path) || self.times == 0 {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times -= 1;
        self.skip = self.every - 1;
        Some(self.fault.clone())
    }
}

/// The pause between pieces of a slow body.
pub(super) fn pause(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
