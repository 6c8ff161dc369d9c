//! Who holds a name, and which devices compete for one.

use std::collections::BTreeMap;

use tazlab_clients::tailscale::Device;

use super::name;
use super::rules::{Presence, Rules, presence};

/// The devices of a tailnet that compete for one canonical name.
#[derive(Clone, Debug)]
pub struct Contest<'a> {
    /// The canonical name.
    pub name: String,
    /// The one that holds it; none where it is free and the others have not noticed.
    pub holder: Option<&'a Device>,
    /// Everybody who asked for it, by label.
    pub devices: Vec<&'a Device>,
}

/// Who may hold a name that is required to be free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Nobody: what is to be born needs it.
    Nobody,
    /// A connected device that the selectors match: it was born already.
    OurConnected,
}

/// Every contest: canonical names for which some device came too late.
#[must_use]
pub fn contests(devices: &[Device]) -> Vec<Contest<'_>> {
    let mut by_name: BTreeMap<String, Vec<&Device>> = BTreeMap::new();
    for device in devices.iter().filter(|device| device.is_external != Some(true) && !device.name.is_empty()) {
        by_name.entry(name::of(device)).or_default().push(device);
    }
    let late = |canonical: &str, device: &Device| name::label(&device.name) != canonical;
    by_name
        .into_iter()
        .filter(|(canonical, devices)| devices.iter().any(|device| late(canonical, device)))
        .map(|(name, mut devices)| {
            devices.sort_by_key(|device| (name::label(&device.name).len(), name::label(&device.name)));
            let holder = devices.iter().find(|device| !late(&name, device)).copied();
            Contest { name, holder, devices }
        })
        .collect()
}

/// The devices that hold one of `names` and may not. Devices of other tailnets have names of their own.
#[must_use]
pub fn in_the_way<'a>(names: &[String], devices: &'a [Device], rules: &Rules, allowed: Allowed) -> Vec<&'a Device> {
    let may = |device: &Device| {
        allowed == Allowed::OurConnected && rules.selects(device) && presence(device) == Presence::Connected
    };
    devices
        .iter()
        .filter(|device| device.is_external != Some(true) && names.contains(&name::label(&device.name)) && !may(device))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, hostname: &str) -> Device {
        Device {
            name: format!("{name}.x.ts.net"),
            hostname: hostname.into(),
            node_id: name.into(),
            ..Device::default()
        }
    }

    #[test]
    fn contests_are_told_with_their_holder() {
        let external = Device { is_external: Some(true), ..device("b-1", "b") };
        let all = [
            device("a-10", "a"),
            device("a", "a"),
            device("a-2", "a"),
            device("c-1", "c"),
            device("d-1", "d-1"),
            device("e", "e"),
            external,
        ];
        let found = contests(&all);
        let names: Vec<&str> = found.iter().map(|contest| contest.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(found[0].holder.unwrap().node_id, "a");
        assert!(found[1].holder.is_none(), "the name is free, and c-1 has not noticed");
        let order: Vec<&str> = found[0].devices.iter().map(|device| device.node_id.as_str()).collect();
        assert_eq!(order, ["a", "a-2", "a-10"]);
    }
}
