//! The deletions: several at once, none begun after a stop, and each on a look that is not old.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Sweep, SweepError, Swept};
use crate::clients::tailscale::{Cause, Deleted, Device, Error, Listing};
use crate::tailnet::record::Told;
use crate::tailnet::rules::{Keep, Verdict};

/// How many requests are under way at once.
const AT_ONCE: usize = 20;

/// Up to so many devices are looked at once more, each just before its deletion. Beyond, that would double what is asked
/// of an API that limits its callers, and a list that is not older than [`FRESH`] must do. See `docs/design/tailnet-sweep.md`.
const LOOKED_AT_EACH: usize = 100;

/// How old a list may be when a device is deleted by it.
const FRESH: Duration = Duration::from_mins(1);

/// How long after its look a delete may still begin: whoever waited longer, at the gate or between tries, looks again.
const JUSTIFIED: Duration = Duration::from_secs(5);

/// How often a delete that keeps failing is justified anew. Where the server only asks to wait, the deadline ends it.
const ROUNDS: u32 = 5;

/// What became of one device.
enum Fate {
    Removed,
    Gone,
    Kept(Keep),
    Failed(Error),
    Left,
}

/// The last list, as far as it says who may still go.
struct Freshness {
    at: Instant,
    /// `None` is the list that the sweep began with.
    stale: Option<BTreeSet<String>>,
}

struct Removal<'a, D> {
    sweep: &'a Sweep<'a, D>,
    each: bool,
    /// Cancelled when one failure tells that all others would fail too.
    halt: CancellationToken,
    fresh: Mutex<Freshness>,
}

/// Deletes `swept.stale`, and notes in `swept` what became of each.
pub(super) async fn remove<D: Send + Sync>(
    sweep: &Sweep<'_, D>,
    listing: &Listing,
    swept: &mut Swept,
) -> Result<(), SweepError> {
    let removal = Removal {
        sweep,
        each: swept.stale.len() <= LOOKED_AT_EACH,
        halt: CancellationToken::new(),
        fresh: Mutex::new(Freshness { at: Instant::now(), stale: None }),
    };
    debug_assert!(swept.stale.len() <= listing.devices.len(), "what goes is in the list");
    let total = swept.stale.len();
    let mut fates = futures::stream::iter(swept.stale.clone())
        .map(|device| async {
            let fate = removal.one(&device).await;
            (device, fate)
        })
        .buffer_unordered(AT_ONCE);
    let mut first: Option<String> = None;
    let mut done = 0_usize;
    while let Some((device, fate)) = fates.next().await {
        done += 1;
        if !matches!(fate, Fate::Left) {
            sweep.voice.say(sweep.context, told(&device, &fate, done, total)).await;
        }
        match fate {
            Fate::Removed => swept.removed.push(device),
            Fate::Gone => swept.gone.push(device),
            Fate::Kept(why) => swept.kept.push((device, why)),
            Fate::Left => swept.left.push(device),
            Fate::Failed(error) => {
                let why = reason(&error);
                first.get_or_insert_with(|| why.clone());
                swept.failed.push((device, why));
            }
        }
    }
    drop(fates);
    if swept.left.is_empty() && swept.failed.is_empty() {
        return Ok(());
    }
    if let Some(interrupted) = sweep.interrupted() {
        return Err(interrupted);
    }
    let first = first.unwrap_or_else(|| "nothing was tried".to_owned());
    Err(SweepError::Deletions { failed: swept.failed.len(), first })
}

fn told(device: &Device, fate: &Fate, done: usize, total: usize) -> String {
    let told = Told(device);
    match fate {
        Fate::Removed => format!("[{done}/{total}] deleted {told}"),
        Fate::Gone => format!("[{done}/{total}] already gone: {told}"),
        Fate::Kept(Keep::Connected) => format!("[{done}/{total}] it came back, and stays: {told}"),
        Fate::Kept(_) => format!("[{done}/{total}] it changed meanwhile, and stays: {told}"),
        Fate::Failed(error) => format!("[{done}/{total}] {error}: {told}"),
        Fate::Left => format!("[{done}/{total}] left: {told}"),
    }
}

fn reason(error: &Error) -> String {
    if error.uncertain { format!("{}; it may be gone all the same", error.cause) } else { error.cause.to_string() }
}

impl<D: Send + Sync> Removal<'_, D> {
    async fn one(&self, device: &Device) -> Fate {
        if self.halt.is_cancelled() || self.sweep.interrupted().is_some() {
            return Fate::Left;
        }
        let fate = self.try_one(device).await.unwrap_or_else(Fate::Failed);
        if let Fate::Failed(error) = &fate {
            if error.is_general() {
                self.halt.cancel();
            }
            // What was not begun has not failed: the reason is the user's, and told once.
            if !error.uncertain && self.sweep.interrupted().is_some() {
                return Fate::Left;
            }
        }
        fate
    }

    async fn try_one(&self, device: &Device) -> Result<Fate, Error> {
        let Some(key) = device.key() else { return Ok(Fate::Left) };
        // A delete of an earlier round may have been heard although its answer was lost.
        let (mut heard, mut failures, mut since) = (false, 0, None);
        loop {
            if let Some(fate) = self.spared(key, since).await? {
                return Ok(if heard && matches!(fate, Fate::Gone) { Fate::Removed } else { fate });
            }
            let justified = Instant::now() + JUSTIFIED;
            let error = match self.sweep.client.delete_device(&self.sweep.call(), key, justified).await {
                Ok(Deleted::Before) if !heard => return Ok(Fate::Gone),
                Ok(_) => return Ok(Fate::Removed),
                Err(error) => error,
            };
            heard |= error.uncertain;
            let Cause::Outdated { failing } = &*error.cause else { return Err(Error { uncertain: heard, ..error }) };
            failures += u32::from(failing.is_some());
            if failures >= ROUNDS || self.halt.is_cancelled() {
                return Err(Error { uncertain: heard, ..error });
            }
            since = Some(justified);
        }
    }

    /// Looks at the device; what becomes of it when it may not be deleted. A list must not be older than `since`.
    async fn spared(&self, key: &str, since: Option<Instant>) -> Result<Option<Fate>, Error> {
        if !self.each {
            let stale = self.is_still_stale(key, since).await?;
            return Ok((!stale).then_some(Fate::Kept(Keep::Connected)));
        }
        let Some(seen) = self.sweep.client.device(&self.sweep.call(), key).await? else { return Ok(Some(Fate::Gone)) };
        Ok(match self.sweep.orders.rules.judge(&seen.device, seen.now) {
            Verdict::Stale => None,
            Verdict::Kept(why) => Some(Fate::Kept(why)),
            Verdict::Other => Some(Fate::Kept(Keep::Changed)),
        })
    }

    /// By a list that is not old: whoever comes first after its time takes a new one for all.
    async fn is_still_stale(&self, key: &str, since: Option<Instant>) -> Result<bool, Error> {
        let mut fresh = self.fresh.lock().await;
        if fresh.at.elapsed() > FRESH || since.is_some_and(|since| fresh.at < since) {
            let listing = self.sweep.client.devices(&self.sweep.call()).await?;
            let stale = self.sweep.orders.stale(&listing);
            let keys = stale.iter().filter_map(Device::key).map(ToOwned::to_owned).collect();
            *fresh = Freshness { at: Instant::now(), stale: Some(keys) };
        }
        Ok(fresh.stale.as_ref().is_none_or(|stale| stale.contains(key)))
    }
}
