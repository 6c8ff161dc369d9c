//! The sweep: one list, the rules, one delete a device, and whether the names are then free. The resource and the action
//! share it.
//!
//! It never fails without saying what it did: a [`Swept`] holds what was removed, what is left, and the problem.

mod orders;
mod removal;
mod wait;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tazlab_clients::tailscale::{Call, Client, Device, Listing, Patience};
use tf_plugin::framework::context::{Context, Interrupted};
use thiserror::Error;
use tokio::sync::mpsc::Sender;

use super::Failure;
use super::holders;
use super::identity::{Mismatch, Tailnet, identify};
use super::record::{lines, listed};
use super::rules::Keep;

pub use orders::{Forecast, Occasion, Orders};

/// How long deleted devices may stay in the list before that is a problem.
const DISAPPEARANCE: Duration = Duration::from_secs(30);

/// What a sweep did.
#[derive(Debug, Default)]
pub struct Swept {
    /// What the rules let go, when the deletions began.
    pub stale: Vec<Device>,
    /// What this sweep removed.
    pub removed: Vec<Device>,
    /// What somebody else removed meanwhile.
    pub gone: Vec<Device>,
    /// What came back, or was still kept when the sweep ended, and why.
    pub kept: Vec<(Device, Keep)>,
    /// What could not be deleted, and why.
    pub failed: Vec<(Device, String)>,
    /// What it did not get to: what may go, and what is waited for.
    pub left: Vec<Device>,
    /// Was a list got at all?
    pub listed: bool,
    /// The tailnet, and the server's time at which the last list showed it.
    pub tailnet: Option<(Tailnet, Timestamp)>,
    /// Entries of `protect` that no device matches.
    pub unmatched: Vec<String>,
    /// Why it is not done.
    pub problem: Option<SweepError>,
}

/// Why a sweep is not done.
#[derive(Debug, Error)]
pub enum SweepError {
    /// The devices cannot be listed.
    #[error("the devices cannot be listed: {0}")]
    List(Failure),
    /// It is not the tailnet that is meant.
    #[error("{0}")]
    Tailnet(#[from] Mismatch),
    /// There are more to delete than allowed.
    #[error("{count} devices match and max_deletions is {most}")]
    TooMany {
        /// How many match.
        count: usize,
        /// How many may go.
        most: usize,
        /// Which.
        devices: Vec<Device>,
    },
    /// There are others to delete than the plan announced.
    #[error("{} devices were not announced by the plan", .0.len())]
    Unannounced(Vec<Device>),
    /// Devices are still connected after the wait.
    #[error("{} devices are still connected after {waited:?} (wait_timeout)", devices.len())]
    StillConnected {
        /// Which.
        devices: Vec<Device>,
        /// How long was waited.
        waited: Duration,
    },
    /// Some deletions failed.
    #[error("{failed} deletions failed: {first}")]
    Deletions {
        /// How many.
        failed: usize,
        /// The first reason.
        first: String,
    },
    /// The user stopped, or the time ran out.
    #[error("the cleanup {0}")]
    Interrupted(Interrupted),
    /// Names that are required to be free are held.
    #[error("{} names are held", .0.len())]
    Held(Vec<Device>),
}

/// Where progress is told: the log always, and the action's own stream.
#[derive(Clone, Debug, Default)]
pub struct Voice(pub Option<Sender<String>>);

impl Voice {
    /// Tells one line.
    pub async fn say<D: Sync>(&self, context: &Context<D>, line: String) {
        context.progress(&line);
        if let Some(lines) = &self.0 {
            // A reader that went away does not undo what is done.
            drop(lines.send(line).await);
        }
    }
}

/// A sweep.
#[derive(Debug)]
pub struct Sweep<'a, D> {
    /// The call's surroundings; its deadline bounds everything.
    pub context: &'a Context<D>,
    /// The tailnet.
    pub client: &'a Client,
    /// What is asked for.
    pub orders: &'a Orders,
    /// Why it runs.
    pub occasion: Occasion,
    /// How long an absent server is waited for before anything was seen of the tailnet; after that, as the client does.
    pub opening: Patience,
    /// Where progress is told.
    pub voice: Voice,
}

impl<D: Send + Sync> Sweep<'_, D> {
    /// Runs to its end, or to a problem.
    pub async fn run(&self) -> Swept {
        let mut swept = Swept::default();
        swept.problem = self.sweep(&mut swept).await.err();
        swept
    }

    async fn sweep(&self, swept: &mut Swept) -> Result<(), SweepError> {
        let listing = self.list(&self.client.with(self.opening)).await?;
        swept.listed = true;
        let tailnet = identify(&self.orders.meant, &self.client.server(), &listing)?;
        self.context.progress(&format!("the tailnet is {tailnet}"));
        let orders = self.orders.of(&tailnet);
        swept.tailnet = Some((tailnet, listing.now));
        Sweep { orders: &orders, voice: self.voice.clone(), ..*self }.sweep_listed(listing, swept).await
    }

    async fn sweep_listed(&self, mut listing: Listing, swept: &mut Swept) -> Result<(), SweepError> {
        if self.occasion.deletes {
            swept.unmatched = self.orders.unmatched(&listing);
            let still;
            (listing, still) = wait::until_away(self, listing, swept).await?;
            swept.kept = self.orders.kept(&listing);
            swept.left = Vec::new();
            if self.orders.dry_run {
                for device in &swept.stale {
                    self.voice.say(self.context, format!("would delete {}", super::record::Told(device))).await;
                }
                return self.names_are_free(listing, swept).await;
            }
            let removed = removal::remove(self, &listing, swept).await;
            match (removed, still) {
                (Err(error), still) => {
                    swept.left.extend(still.into_iter().flat_map(|(devices, _)| devices));
                    return Err(error);
                }
                (Ok(()), Some((devices, waited))) => return Err(SweepError::StillConnected { devices, waited }),
                (Ok(()), None) => {}
            }
        }
        self.names_are_free(listing, swept).await
    }

    async fn list(&self, client: &Client) -> Result<Listing, SweepError> {
        let listing = client.devices(&self.call()).await;
        listing.map_err(|error| self.interrupted().unwrap_or(SweepError::List(Failure::Api(error))))
    }

    fn call(&self) -> Call {
        Call::new(self.context.stop().clone(), self.context.deadline())
    }

    /// Did the user stop, or did the time run out?
    fn interrupted(&self) -> Option<SweepError> {
        if self.context.stop().is_cancelled() {
            return Some(SweepError::Interrupted(Interrupted::Stopped));
        }
        let over = self.context.time_left() == Some(Duration::ZERO);
        over.then_some(SweepError::Interrupted(Interrupted::TimedOut))
    }

    /// Looks at the names after the deletions. What was deleted may stay in the list for a moment, and keeps its name.
    async fn names_are_free(&self, mut listing: Listing, swept: &Swept) -> Result<(), SweepError> {
        let Some(allowed) = self.occasion.names.filter(|_| !self.orders.required_free.is_empty()) else {
            return Ok(());
        };
        if !(swept.removed.is_empty() && swept.gone.is_empty()) {
            listing = self.list(self.client).await?;
        }
        let ours: BTreeSet<&str> = swept.removed.iter().chain(&swept.gone).filter_map(Device::key).collect();
        let (names, rules) = (&self.orders.required_free, &self.orders.rules);
        let until = tokio::time::Instant::now() + DISAPPEARANCE;
        let mut pause = Duration::from_millis(250);
        loop {
            let held = holders::in_the_way(names, &listing.devices, rules, allowed);
            if held.is_empty() {
                return Ok(());
            }
            let leaving = held.iter().all(|device| device.key().is_some_and(|key| ours.contains(key)));
            if !leaving || tokio::time::Instant::now() >= until {
                return Err(SweepError::Held(held.into_iter().cloned().collect()));
            }
            let what = format!("waiting until deleted devices leave the list: {}", names_of(held));
            self.voice.say(self.context, what).await;
            self.context.pause(pause).await.map_err(SweepError::Interrupted)?;
            pause = (pause * 2).min(Duration::from_secs(5));
            listing = self.list(self.client).await?;
        }
    }
}

fn names_of<'a>(devices: impl IntoIterator<Item = &'a Device>) -> String {
    devices.into_iter().map(|device| device.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Swept {
    /// What was done and what was not, one device a line.
    #[must_use]
    pub fn account(&self) -> String {
        let mut parts = Vec::new();
        let mut part = |title: &str, count: usize, lines: String| {
            if count > 0 {
                parts.push(format!("{title} ({count}):{lines}"));
            }
        };
        part("Removed", self.removed.len(), lines(&self.removed));
        part("Already gone", self.gone.len(), lines(&self.gone));
        let told = |(device, why): &(Device, String)| format!("{}: {why}", super::record::Told(device));
        part("Not deleted", self.failed.len(), listed(self.failed.iter().map(told)));
        part("Left", self.left.len(), lines(&self.left));
        parts.join("\n\n")
    }

    /// One line for the end.
    #[must_use]
    pub fn summary(&self) -> String {
        let kept = self
            .kept
            .iter()
            .filter(|(_, why)| !matches!(why, Keep::External | Keep::Unassigned | Keep::Protected))
            .count();
        let tailnet = self.tailnet.as_ref().map(|(tailnet, _)| format!("; tailnet {tailnet}")).unwrap_or_default();
        format!(
            "{} of {} stale devices deleted, {kept} selected ones kept{tailnet}",
            self.removed.len(),
            self.stale.len()
        )
    }
}

/// The time until a device may go, by the server's clock.
fn until(ripe: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(ripe.duration_since(now)).unwrap_or_default()
}
