//! The deletions: several at once, none begun after a stop, and each on a look that is not old.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use tazlab_clients::tailscale::{Call, Cause, Deleted, Device, Error, Listing};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Sweep, SweepError, Swept};
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
    /// By id. `None` is the list that the sweep began with: all of its devices are stale.
    verdicts: Option<BTreeMap<String, Verdict>>,
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
        fresh: Mutex::new(Freshness { at: Instant::now(), verdicts: None }),
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
        Fate::Kept(Keep::Connected) => format!("[{done}/{total}] it reconnected and was kept: {told}"),
        Fate::Kept(_) => format!("[{done}/{total}] it changed meanwhile and was kept: {told}"),
        Fate::Failed(error) => format!("[{done}/{total}] {error}: {told}"),
        Fate::Left => format!("[{done}/{total}] left: {told}"),
    }
}

fn reason(error: &Error) -> String {
    if error.uncertain { format!("{}; it may have been deleted", error.cause) } else { error.cause.to_string() }
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

    /// Looks and deletes, round after round: a delete that could not be sent in time is justified again. Where the server
    /// only asks to wait, the deadline ends that; where it fails, an outage's time, from the first failure on.
    async fn try_one(&self, device: &Device) -> Result<Fate, Error> {
        let Some(key) = device.key() else { return Ok(Fate::Left) };
        // A delete of an earlier round may have been heard although its answer was lost.
        let (mut heard, mut failing_since, mut looked) = (false, None::<Instant>, None);
        let outage = self.sweep.client.patience().outage;
        loop {
            let call = match failing_since {
                None => self.sweep.call(),
                Some(since) => self.sweep.call().within(outage.saturating_sub(since.elapsed())),
            };
            match self.spared(&call, key, looked).await {
                Ok(None) => {}
                Ok(Some(Fate::Gone)) if heard => return Ok(Fate::Removed),
                Ok(Some(fate)) => return Ok(fate),
                Err(error) => return Err(Error { uncertain: heard, ..error }),
            }
            let began = Instant::now();
            let error = match self.sweep.client.delete_device(&call, key, began + JUSTIFIED).await {
                Ok(Deleted::Before) if !heard => return Ok(Fate::Gone),
                Ok(_) => return Ok(Fate::Removed),
                Err(error) => error,
            };
            heard |= error.uncertain;
            let Cause::Outdated { failing } = &*error.cause else { return Err(Error { uncertain: heard, ..error }) };
            failing_since = failing.as_ref().map(|_| failing_since.unwrap_or(began));
            if failing_since.is_some_and(|since| since.elapsed() >= outage) || self.halt.is_cancelled() {
                return Err(Error { uncertain: heard, ..error });
            }
            looked = Some(began + JUSTIFIED);
        }
    }

    /// Looks at the device; what becomes of it when it may not be deleted. A list must not be older than `since`.
    async fn spared(&self, call: &Call, key: &str, since: Option<Instant>) -> Result<Option<Fate>, Error> {
        let rules = &self.sweep.orders.rules;
        let verdict = if self.each {
            self.sweep.client.device(call, key).await?.map(|seen| rules.judge(&seen.device, seen.now))
        } else {
            self.by_a_list(call, key, since).await?
        };
        Ok(match verdict {
            None => Some(Fate::Gone),
            Some(Verdict::Stale) => None,
            Some(Verdict::Kept(why)) => Some(Fate::Kept(why)),
            Some(Verdict::Other) => Some(Fate::Kept(Keep::Changed)),
        })
    }

    /// By a list that is not old: whoever comes first after its time takes a new one for all.
    async fn by_a_list(&self, call: &Call, key: &str, since: Option<Instant>) -> Result<Option<Verdict>, Error> {
        let mut fresh = self.fresh.lock().await;
        if fresh.at.elapsed() > FRESH || since.is_some_and(|since| fresh.at < since) {
            let listing = self.sweep.client.devices(call).await?;
            let staying = self.sweep.orders.staying_ids(&listing);
            let judged = |device: &Device| {
                let (key, verdict) = (device.key()?, self.sweep.orders.rules.judge(device, listing.now));
                let ambiguous = verdict == Verdict::Stale && staying.contains(key);
                Some((key.to_owned(), if ambiguous { Verdict::Kept(Keep::Ambiguous) } else { verdict }))
            };
            let verdicts = listing.devices.iter().filter_map(judged).collect();
            *fresh = Freshness { at: Instant::now(), verdicts: Some(verdicts) };
        }
        Ok(fresh.verdicts.as_ref().map_or(Some(Verdict::Stale), |verdicts| verdicts.get(key).copied()))
    }
}
