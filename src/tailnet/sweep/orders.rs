//! What is asked of a sweep, and what it would do by a list. Sends nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use tazlab_clients::tailscale::{Device, Listing};

use super::wait;
use crate::promised::Promised;
use crate::tailnet::holders::{self, Allowed};
use crate::tailnet::identity::{Meant, Mismatch, Tailnet, identify};
use crate::tailnet::protect::Protect;
use crate::tailnet::rules::{Keep, Rules, Verdict};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Orders {
    /// Who may go.
    pub rules: Rules,
    /// More than so many are not deleted, not even some of them.
    pub max_deletions: usize,
    /// How long connected devices are waited for.
    pub wait_timeout: Duration,
    /// Delete nothing.
    pub dry_run: bool,
    /// Canonical names that must be free at the end.
    pub required_free: Vec<String>,
    /// The tailnet that is meant: of any other nothing is deleted.
    pub meant: Meant,
    /// The devices that the plan announced, by their ids; `None` bounds nothing.
    pub promised: Option<Promised>,
}

/// Why the sweep runs, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Are devices deleted, or only names looked at?
    pub deletes: bool,
    /// Are names required to be free?
    pub names: Option<Allowed>,
}

/// What a sweep would do, as a plan tells it.
#[derive(Debug)]
pub struct Forecast {
    /// What may go now.
    pub stale: Vec<Device>,
    /// What is waited for.
    pub awaited: Vec<Device>,
    /// What stays as long as it is connected, or was until recently: by the time of the apply it may go.
    pub later: Vec<Device>,
    /// What holds a required name and would still hold it.
    pub held: Vec<Device>,
    /// The tailnet.
    pub tailnet: Tailnet,
    /// Entries of `protect` that no device matches.
    pub unmatched: Vec<String>,
}

impl Forecast {
    /// The devices that a sweep would delete now, by their ids.
    #[must_use]
    pub fn due(&self) -> Promised {
        ids(self.stale.iter().chain(&self.awaited))
    }

    /// The devices that a sweep may delete at its time: those that the run itself takes away, too.
    #[must_use]
    pub fn promised(&self) -> Promised {
        ids(self.stale.iter().chain(&self.awaited).chain(&self.later))
    }
}

fn ids<'a>(devices: impl Iterator<Item = &'a Device>) -> Promised {
    devices.filter_map(Device::key).map(ToOwned::to_owned).collect()
}

impl Orders {
    /// Of these devices, those that the plan did not announce.
    pub(super) fn unannounced<'a>(&self, devices: impl Iterator<Item = &'a Device>) -> Vec<Device> {
        let Some(promised) = &self.promised else { return Vec::new() };
        devices.filter(|device| device.key().is_none_or(|key| !promised.contains(key))).cloned().collect()
    }

    /// What a sweep of `listing`, which `server` gave, would do.
    ///
    /// # Errors
    /// [`Mismatch`] when it is not the tailnet that is meant.
    pub fn forecast(&self, server: &str, listing: &Listing, occasion: Occasion) -> Result<Forecast, Mismatch> {
        let tailnet = identify(&self.meant, server, listing)?;
        Ok(self.of(&tailnet).foreseen(tailnet, listing, occasion))
    }

    /// The same orders, for devices of `tailnet` only.
    pub(super) fn of(&self, tailnet: &Tailnet) -> Self {
        let rules = Rules { suffix: tailnet.suffix.clone(), ..self.rules.clone() };
        Self { rules, ..self.clone() }
    }

    fn foreseen(&self, tailnet: Tailnet, listing: &Listing, occasion: Occasion) -> Forecast {
        let (stale, awaited, later) = if occasion.deletes {
            (self.stale(listing), wait::awaited(self, listing), self.later(listing))
        } else {
            Default::default()
        };
        let goes = |device: &Device| {
            let is = |other: &Device| other.key() == device.key();
            stale.iter().any(is) || awaited.iter().any(is)
        };
        let held = occasion.names.map_or_else(Vec::new, |allowed| {
            holders::in_the_way(&self.required_free, &listing.devices, &self.rules, allowed)
        });
        let held = held.into_iter().filter(|device| !goes(device)).cloned().collect();
        let unmatched = if occasion.deletes { self.unmatched(listing) } else { Vec::new() };
        Forecast { stale, awaited, later, held, tailnet, unmatched }
    }

    /// Devices that nothing keeps but that they are there, or were until recently.
    fn later(&self, listing: &Listing) -> Vec<Device> {
        let passes = |device: &&Device| {
            let why = self.rules.judge(device, listing.now);
            matches!(why, Verdict::Kept(Keep::Connected | Keep::Recent(_) | Keep::Unreported | Keep::Ageless))
        };
        listing.devices.iter().filter(passes).cloned().collect()
    }

    /// Entries of `protect` that no device matches: what they were meant to protect is not protected.
    pub(super) fn unmatched(&self, listing: &Listing) -> Vec<String> {
        let idle = |protect: &&Protect| !listing.devices.iter().any(|device| protect.matches(device));
        self.rules.protect.iter().filter(idle).map(|protect| protect.text().to_owned()).collect()
    }

    /// Every device that may go, once each. A deletion names an id: where a device that stays has the same one, nobody can say
    /// which of them would go.
    pub(super) fn stale(&self, listing: &Listing) -> Vec<Device> {
        let mut seen = BTreeSet::new();
        let staying = self.staying_ids(listing);
        let goes = |device: &&Device| {
            self.rules.judge(device, listing.now) == Verdict::Stale
                && device.key().is_some_and(|key| !staying.contains(key) && seen.insert(key.to_owned()))
        };
        listing.devices.iter().filter(goes).cloned().collect()
    }

    /// The ids of the devices that the rules do not let go.
    pub(super) fn staying_ids<'a>(&self, listing: &'a Listing) -> BTreeSet<&'a str> {
        let stays = |device: &&Device| self.rules.judge(device, listing.now) != Verdict::Stale;
        let ids = |device: &'a Device| [device.node_id.as_str(), device.id.as_str()];
        listing.devices.iter().filter(stays).flat_map(ids).filter(|id| !id.is_empty()).collect()
    }

    /// Every selected device that stays, and why.
    pub(super) fn kept(&self, listing: &Listing) -> Vec<(Device, Keep)> {
        let staying = self.staying_ids(listing);
        let kept = |device: &Device| match self.rules.judge(device, listing.now) {
            Verdict::Kept(why) => Some((device.clone(), why)),
            Verdict::Stale if device.key().is_some_and(|key| staying.contains(key)) => {
                Some((device.clone(), Keep::Ambiguous))
            }
            Verdict::Other | Verdict::Stale => None,
        };
        listing.devices.iter().filter_map(kept).collect()
    }
}
