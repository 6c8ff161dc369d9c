//! Who may be deleted: the pure rules. A device goes only when every selector matches and nothing keeps it.

use jiff::{SignedDuration, Timestamp};
use tazlab_clients::tailscale::{Device, Moment};

use super::name;
use super::protect::Protect;
use super::selectors::Selectors;

/// What happens to devices that are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connected {
    /// They stay.
    Keep,
    /// They are waited for.
    Wait,
    /// They are deleted like others.
    Delete,
}

/// Selectors and filters.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who is meant.
    pub selectors: Selectors,
    /// A device that was seen more recently stays.
    pub offline_for: SignedDuration,
    /// What happens to connected devices.
    pub connected: Connected,
    /// What is never touched.
    pub protect: Vec<Protect>,
    /// The `MagicDNS` suffix of the tailnet that is meant, once it is known: a device of another one is not touched.
    pub suffix: Option<String>,
}

/// Whether a device is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Connected,
    /// It is not, since about this time.
    Away(Timestamp),
    /// It is not, and nobody knows since when.
    Disconnected,
    /// The control plane does not report it.
    Unknown,
}

impl Presence {
    /// Whether it surely is not connected.
    #[must_use]
    pub fn is_away(self) -> bool {
        matches!(self, Self::Away(_) | Self::Disconnected)
    }
}

/// Why a selected device stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It belongs to another tailnet.
    External,
    /// Nobody says whether it belongs to another tailnet: `isExternal` is missing, or its name.
    Unassigned,
    /// It is protected.
    Protected,
    /// It has no id to delete it by.
    Nameless,
    /// It is connected.
    Connected,
    /// The control plane does not report whether it is connected.
    Unreported,
    /// It was seen too recently; it may go after this time.
    Recent(Timestamp),
    /// Nobody knows how long it has been away.
    Ageless,
    /// A device that stays has the same id.
    Ambiguous,
    /// Its names or tags changed since it was listed: the selectors match no more.
    Changed,
}

/// What the rules say about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The selectors do not match: it is none of our business.
    Other,
    /// They match, and it stays.
    Kept(Keep),
    /// It may go.
    Stale,
}

impl Rules {
    /// Do all selectors match? Without any selector none does.
    #[must_use]
    pub fn selects(&self, device: &Device) -> bool {
        !self.selectors.is_empty() && self.selectors.match_all(device)
    }

    /// What the rules say about `device` at the server's time `now`.
    #[must_use]
    pub fn judge(&self, device: &Device, now: Timestamp) -> Verdict {
        if !self.selects(device) {
            return Verdict::Other;
        }
        let keep = if device.is_external == Some(true) || self.is_of_another_tailnet(device) {
            Keep::External
        } else if self.protect.iter().any(|protect| protect.matches(device)) {
            Keep::Protected
        } else if device.is_external.is_none() || device.name.is_empty() || self.is_of_no_tailnet(device) {
            Keep::Unassigned
        } else if device.key().is_none() {
            Keep::Nameless
        } else {
            match presence(device) {
                Presence::Connected if self.connected == Connected::Delete => return Verdict::Stale,
                Presence::Connected => Keep::Connected,
                Presence::Unknown => Keep::Unreported,
                Presence::Disconnected => Keep::Ageless,
                Presence::Away(since) if now.duration_since(since) >= self.offline_for => return Verdict::Stale,
                // A sum that no calendar holds is never reached.
                Presence::Away(since) => Keep::Recent(since.checked_add(self.offline_for).unwrap_or(Timestamp::MAX)),
            }
        };
        Verdict::Kept(keep)
    }

    /// Where the tailnet is known by its suffix, a name without one does not say whose the device is.
    fn is_of_no_tailnet(&self, device: &Device) -> bool {
        self.suffix.is_some() && name::suffix(&device.name).is_none()
    }

    fn is_of_another_tailnet(&self, device: &Device) -> bool {
        self.suffix.is_some() && name::suffix(&device.name).is_some_and(|suffix| Some(suffix) != self.suffix)
    }
}

/// Whether the device is connected, and if not, since when. A time at which it was seen last does not say that it is not
/// connected: where `connectedToControl` is missing, that is unknown.
#[must_use]
pub fn presence(device: &Device) -> Presence {
    match (device.connected_to_control, device.last_seen) {
        (Some(true), _) | (None, Moment::Absent) => Presence::Connected,
        (None, Moment::At(_) | Moment::Unreadable) => Presence::Unknown,
        (Some(false), Moment::At(time)) => Presence::Away(time),
        (Some(false), Moment::Absent) => device.created.at().map_or(Presence::Disconnected, Presence::Away),
        (Some(false), Moment::Unreadable) => Presence::Disconnected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::At(text.parse().unwrap())
    }

    fn ghost() -> Device {
        Device {
            name: "k8s-1.x.ts.net".into(),
            hostname: "k8s".into(),
            node_id: "n1".into(),
            id: "1".into(),
            tags: vec!["tag:k8s".into(), "tag:b".into()],
            is_external: Some(false),
            connected_to_control: Some(false),
            last_seen: at("2026-11-24T10:00:00Z"),
            ..Device::default()
        }
    }

    fn rules() -> Rules {
        Rules {
            selectors: Selectors {
                tags: ["tag:k8s".to_owned()].into(),
                hostnames: ["k8s".to_owned()].into(),
                pattern: None,
            },
            offline_for: SignedDuration::from_mins(2),
            connected: Connected::Keep,
            protect: Vec::new(),
            suffix: None,
        }
    }

    fn judged(rules: &Rules, device: &Device) -> Verdict {
        rules.judge(device, "2026-11-24T10:05:00Z".parse().unwrap())
    }

    #[test]
    fn a_ghost_goes_and_everybody_else_stays() {
        assert_eq!(judged(&rules(), &ghost()), Verdict::Stale);
        let kept = |change: fn(&mut Device)| {
            let mut device = ghost();
            change(&mut device);
            judged(&rules(), &device)
        };
        assert_eq!(kept(|device| device.is_external = Some(true)), Verdict::Kept(Keep::External));
        assert_eq!(kept(|device| device.is_external = None), Verdict::Kept(Keep::Unassigned));
        assert_eq!(kept(|device| device.tags = vec!["tag:k8s2".into()]), Verdict::Other);
        assert_eq!(kept(|device| device.hostname = "k8s-1".into()), Verdict::Other);
        assert_eq!(kept(|device| device.connected_to_control = Some(true)), Verdict::Kept(Keep::Connected));
        assert_eq!(kept(|device| device.connected_to_control = None), Verdict::Kept(Keep::Unreported));
        let unreported = |device: &mut Device, seen| (device.connected_to_control, device.last_seen) = (None, seen);
        let connected = Verdict::Kept(Keep::Connected);
        let mut absent = ghost();
        unreported(&mut absent, Moment::Absent);
        assert_eq!(judged(&rules(), &absent), connected);
        unreported(&mut absent, Moment::Unreadable);
        assert_eq!(judged(&rules(), &absent), Verdict::Kept(Keep::Unreported));
        assert_eq!(kept(|device| device.last_seen = Moment::Unreadable), Verdict::Kept(Keep::Ageless));
        assert_eq!(
            kept(|device| (device.id, device.node_id) = (String::new(), "..".into())),
            Verdict::Kept(Keep::Nameless)
        );
        let recent = kept(|device| device.last_seen = at("2026-11-24T10:04:00Z"));
        assert_eq!(recent, Verdict::Kept(Keep::Recent("2026-11-24T10:06:00Z".parse().unwrap())));
        assert!(matches!(kept(|device| device.last_seen = at("2030-01-01T00:00:00Z")), Verdict::Kept(Keep::Recent(_))));
    }

    #[test]
    fn without_last_seen_the_age_counts_from_the_birth_of_a_device_that_is_surely_away() {
        let mut device = Device { last_seen: Moment::Absent, connected_to_control: Some(false), ..ghost() };
        assert_eq!(judged(&rules(), &device), Verdict::Kept(Keep::Ageless));
        device.created = at("2026-11-24T10:04:30Z");
        assert!(matches!(judged(&rules(), &device), Verdict::Kept(Keep::Recent(_))));
        device.created = at("2026-11-01T00:00:00Z");
        assert_eq!(judged(&rules(), &device), Verdict::Stale);
    }

    #[test]
    fn protection_is_by_label_whole_name_id_and_tag() {
        let protecting = |text: &str| Rules { protect: vec![Protect::parse(text).unwrap()], ..rules() };
        for name in ["k8s-1", "k8s-1.x.ts.net", "n1", "1", "tag:b"] {
            assert_eq!(judged(&protecting(name), &ghost()), Verdict::Kept(Keep::Protected), "{name}");
        }
        // The name that it asked for is not its own.
        assert_eq!(judged(&protecting("k8s"), &ghost()), Verdict::Stale);
        // Without a name nobody can say that it is not the protected one.
        let tag = Selectors { hostnames: std::collections::BTreeSet::default(), ..rules().selectors };
        let nameless = Rules { selectors: tag, ..protecting("nas") };
        let device = Device { name: String::new(), ..ghost() };
        assert_eq!(judged(&nameless, &device), Verdict::Kept(Keep::Unassigned));
    }

    #[test]
    fn a_device_with_another_tailnets_name_stays() {
        let of = |suffix: &str| Rules { suffix: Some(suffix.to_owned()), ..rules() };
        assert_eq!(judged(&of("x.ts.net"), &ghost()), Verdict::Stale);
        assert_eq!(judged(&of("y.ts.net"), &ghost()), Verdict::Kept(Keep::External));
        let bare = Device { name: "k8s-1".into(), ..ghost() };
        assert_eq!(judged(&of("x.ts.net"), &bare), Verdict::Kept(Keep::Unassigned), "nothing says whose it is");
        assert_eq!(judged(&rules(), &bare), Verdict::Stale);
    }

    #[test]
    fn without_selectors_nobody_is_meant_and_a_connected_device_goes_only_when_told() {
        let none = Rules { selectors: Selectors::default(), ..rules() };
        assert_eq!(judged(&none, &ghost()), Verdict::Other);
        let delete = Rules { connected: Connected::Delete, ..rules() };
        assert_eq!(judged(&delete, &Device { connected_to_control: Some(true), ..ghost() }), Verdict::Stale);
    }
}
