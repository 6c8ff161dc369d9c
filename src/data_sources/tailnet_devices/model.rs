//! Arguments and attributes of `tazlab_tailnet_devices`.

use jiff::{SignedDuration, Timestamp};
use tazlab_clients::tailscale::{Device, Moment};
use tf_plugin::framework::duration;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::validation::{is_duration, not_empty};
use tf_plugin::framework::value::Value;

use crate::tailnet::holders::Contest;
use crate::tailnet::name;
use crate::tailnet::record::Record;
use crate::tailnet::rules::{Presence, presence};
use crate::tailnet::selectors::{Selectors, is_label, is_regex, is_tag};

tf_plugin::model! {
    /// The devices of the tailnet, and the names that several of them requested.
    ///
    /// It is read at every plan, also in the one before a destroy, and what it finds is never an error: a tailnet that
    /// cannot be read is `ready = false`, with a warning. Where the provider's settings come from something that is
    /// created in the same apply, add `depends_on` on it, so that the read waits for it.
    pub struct TailnetDevices {
        /// Only devices with all of these tags.
        pub tags: Value<Set<String>> => optional().check(not_empty()).check(is_tag().each()),
        /// Only devices with one of these canonical names: `k8s` also finds `k8s-1`, `k8s-2` and so on.
        pub hostnames: Value<Set<String>> => optional().check(not_empty()).check(is_label().each()),
        /// Only devices whose whole canonical name matches this regular expression.
        pub hostname_regex: Value<String> => optional().check(not_empty()).check(is_regex()),
        /// Only devices that are connected, or (`false`) that are not. Devices whose state the control plane does not
        /// report are in neither list.
        pub connected: Value<bool> => optional(),
        /// Only devices that have been disconnected for at least this long, by the server's clock.
        pub offline_for: Value<String> => optional().check(is_duration()),
        /// The devices, in the server's order.
        pub devices: Value<Vec<Found>> => computed(),
        /// The names that several devices requested, if one of these devices is selected.
        pub ghosts: Value<Vec<Ghosts>> => computed(),
        /// Whether the tailnet was read and no name was requested by several devices.
        pub ready: Value<bool> => computed(),
        /// The problems, one line each. Empty if there are none.
        pub problems: Value<Vec<String>> => computed(),
        /// A summary in one line.
        pub summary: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// A device.
    pub struct Found {
        /// Its MagicDNS name.
        pub name: Value<String> => computed(),
        /// The name that it requested.
        pub hostname: Value<String> => computed(),
        /// Its name without the number that the tailnet appended.
        pub canonical_name: Value<String> => computed(),
        /// Its node id.
        pub node_id: Value<String> => computed(),
        /// The older id of the API.
        pub id: Value<String> => computed(),
        /// Its owner.
        pub user: Value<String> => computed(),
        /// Its operating system.
        pub os: Value<String> => computed(),
        /// The version of its client.
        pub client_version: Value<String> => computed(),
        /// Its addresses in the tailnet.
        pub addresses: Value<Vec<String>> => computed(),
        /// Its tags.
        pub tags: Value<Vec<String>> => computed(),
        /// Whether it is connected; null where the control plane does not report it.
        pub connected: Value<bool> => computed(),
        /// Whether it is authorized; null where that is not reported.
        pub authorized: Value<bool> => computed(),
        /// Whether the tailnet removes it some time after it was seen last; null where that is not reported.
        pub ephemeral: Value<bool> => computed(),
        /// Whether it is shared in from another tailnet; null where that is not reported.
        pub external: Value<bool> => computed(),
        /// When it joined (RFC 3339).
        pub created: Value<String> => computed(),
        /// When it was seen last (RFC 3339); null while it is connected.
        pub last_seen: Value<String> => computed(),
        /// When its key expires (RFC 3339).
        pub expires: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// Devices that requested the same name.
    pub struct Ghosts {
        /// The name.
        pub canonical_name: Value<String> => computed(),
        /// The device that holds it. Null if none does.
        pub holder: Value<Record> => computed(),
        /// All devices that requested it, the holder first.
        pub devices: Value<Vec<Record>> => computed(),
    }
}

fn time(moment: Moment) -> Value<String> {
    moment.at().map(|time| time.to_string()).into()
}

/// Whether it is connected, where that is known.
fn connected(device: &Device) -> Option<bool> {
    match presence(device) {
        Presence::Connected => Some(true),
        Presence::Away(_) | Presence::Disconnected => Some(false),
        Presence::Unknown => None,
    }
}

impl From<&Device> for Found {
    fn from(device: &Device) -> Self {
        let text = |text: &String| Value::Value(text.clone());
        Self {
            name: text(&device.name),
            hostname: text(&device.hostname),
            canonical_name: Value::Value(name::of(device)),
            node_id: text(&device.node_id),
            id: text(&device.id),
            user: text(&device.user),
            os: text(&device.os),
            client_version: text(&device.client_version),
            addresses: Value::Value(device.addresses.clone()),
            tags: Value::Value(device.tags.clone()),
            connected: connected(device).into(),
            authorized: device.authorized.into(),
            ephemeral: device.is_ephemeral.into(),
            external: device.is_external.into(),
            created: time(device.created),
            last_seen: time(device.last_seen),
            expires: time(device.expires),
        }
    }
}

impl From<&Contest<'_>> for Ghosts {
    fn from(contest: &Contest<'_>) -> Self {
        Self {
            canonical_name: Value::Value(contest.name.clone()),
            holder: contest.holder.map(Record::from).into(),
            devices: Value::Value(contest.devices.iter().map(|device| Record::from(*device)).collect()),
        }
    }
}

/// Which devices are asked for.
pub(super) struct Filter {
    selectors: Selectors,
    connected: Option<bool>,
    offline_for: Option<SignedDuration>,
}

impl Filter {
    pub(super) fn of(model: &TailnetDevices) -> Self {
        let offline_for = model.offline_for.as_deref_option().and_then(|text| duration::parse(text).ok());
        Self {
            selectors: Selectors::of(&model.tags, &model.hostnames, &model.hostname_regex),
            connected: model.connected.as_ref_option().copied(),
            offline_for: offline_for.and_then(|time| SignedDuration::try_from(time).ok()),
        }
    }

    pub(super) fn matches(&self, device: &Device, now: Timestamp) -> bool {
        let presence = presence(device);
        let long_enough = |least: SignedDuration| match presence {
            Presence::Away(since) => now.duration_since(since) >= least,
            Presence::Connected | Presence::Disconnected | Presence::Unknown => false,
        };
        self.selectors.match_all(device)
            && self.connected.is_none_or(|wanted| connected(device) == Some(wanted))
            && self.offline_for.is_none_or(long_enough)
    }
}
