//! `connected = "wait"`: looks again until every selected device may go, or the time is over.

use std::time::Duration;

use tazlab_clients::tailscale::{Device, Listing};
use tf_plugin::framework::context::{Context, Interrupted};
use tokio::time::Instant;

use super::{Orders, Sweep, SweepError, Swept, names_of, until};
use crate::tailnet::rules::{Connected, Keep, Verdict};

/// How often the list is looked at again, at most and at least.
const LOOKS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// The devices that a sweep waits for: connected ones, and those that will have been away long enough within the time.
pub(super) fn awaited(orders: &Orders, listing: &Listing) -> Vec<Device> {
    waiting(orders, listing, orders.wait_timeout).into_iter().map(|(device, _)| device.clone()).collect()
}

/// Devices that are worth waiting for when so much time is left, and how long each needs at least.
fn waiting<'a>(orders: &Orders, listing: &'a Listing, left: Duration) -> Vec<(&'a Device, Option<Duration>)> {
    if orders.rules.connected != Connected::Wait || orders.dry_run {
        return Vec::new();
    }
    let worth = |device: &'a Device| match orders.rules.judge(device, listing.now) {
        Verdict::Kept(Keep::Connected) => Some((device, None)),
        Verdict::Kept(Keep::Recent(ripe)) => {
            let needs = until(ripe, listing.now);
            (needs <= left).then_some((device, Some(needs)))
        }
        _ => None,
    };
    listing.devices.iter().filter_map(worth).collect()
}

/// The devices that were still connected when the time was over, and how long was waited.
type Still = Option<(Vec<Device>, Duration)>;

/// Waits; gives the last list. What is waited for counts against the limit before anything is waited for. What is left to
/// do is noted after each list, so that a wait that fails still says it.
pub(super) async fn until_away<D: Send + Sync>(
    sweep: &Sweep<'_, D>,
    mut listing: Listing,
    swept: &mut Swept,
) -> Result<(Listing, Still), SweepError> {
    let (orders, began) = (sweep.orders, Instant::now());
    let mut look = LOOKS.0;
    loop {
        let left = orders.wait_timeout.saturating_sub(began.elapsed());
        let waiting = waiting(orders, &listing, left);
        swept.stale = orders.stale(&listing);
        let awaited = waiting.iter().map(|(device, _)| (*device).clone());
        swept.left = swept.stale.iter().cloned().chain(awaited).collect();
        if swept.left.len() > orders.max_deletions {
            let devices = std::mem::take(&mut swept.left);
            return Err(SweepError::TooMany { count: devices.len(), most: orders.max_deletions, devices });
        }
        let unannounced = orders.unannounced(swept.left.iter());
        if !unannounced.is_empty() {
            return Err(SweepError::Unannounced(unannounced));
        }
        if waiting.is_empty() {
            return Ok((listing, None));
        }
        if left.is_zero() {
            let connected: Vec<Device> =
                waiting.iter().filter(|(_, needs)| needs.is_none()).map(|(device, _)| (*device).clone()).collect();
            let still = (!connected.is_empty()).then_some((connected, orders.wait_timeout));
            return Ok((listing, still));
        }
        let connected = waiting.iter().filter(|(_, needs)| needs.is_none()).count();
        let what = format!(
            "waiting for {} devices, {connected} of them connected ({} s left): {}",
            waiting.len(),
            left.as_secs(),
            names_of(waiting.iter().map(|(device, _)| *device).take(10))
        );
        sweep.voice.say(sweep.context, what).await;
        // The server's clock counts whole seconds.
        let ripe = waiting.iter().filter_map(|(_, needs)| *needs).min().map(|needs| needs + Duration::from_secs(1));
        let pause = ripe.map_or(look, |ripe| ripe.min(look)).min(left);
        look = (look + LOOKS.0).min(LOOKS.1);
        pause_for(sweep.context, pause).await?;
        listing = sweep.list(sweep.client).await?;
    }
}

async fn pause_for<D>(context: &Context<D>, time: Duration) -> Result<(), SweepError> {
    context.pause(time).await.map_err(|why: Interrupted| SweepError::Interrupted(why))
}
