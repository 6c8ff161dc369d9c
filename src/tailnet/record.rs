//! A device as state and warnings show it.

use std::fmt;

use tazlab_clients::tailscale::Device;
use tf_plugin::framework::value::Value;

use super::rules::{Presence, presence};

/// More devices than this are counted, not listed.
const LISTED: usize = 30;

tf_plugin::model! {
    /// A device.
    pub struct Record {
        /// Its MagicDNS name.
        pub name: Value<String> => computed(),
        /// The name that it requested.
        pub hostname: Value<String> => computed(),
        /// Its node id.
        pub node_id: Value<String> => computed(),
        /// When it was last seen (RFC 3339). Null for a device that was connected, or whose state is not reported.
        pub last_seen: Value<String> => computed(),
    }
}

impl From<&Device> for Record {
    fn from(device: &Device) -> Self {
        Self {
            name: Value::Value(device.name.clone()),
            hostname: Value::Value(device.hostname.clone()),
            node_id: Value::Value(device.key().unwrap_or_default().to_owned()),
            last_seen: device.last_seen.at().map(|time| time.to_string()).into(),
        }
    }
}

/// Devices as an attribute, by name.
#[must_use]
pub fn records<'a>(devices: impl IntoIterator<Item = &'a Device>) -> Value<Vec<Record>> {
    let mut devices: Vec<&Device> = devices.into_iter().collect();
    devices.sort_by_key(|device| (&device.name, device.key()));
    Value::Value(devices.into_iter().map(Record::from).collect())
}

/// One device in words.
#[derive(Debug)]
pub struct Told<'a>(pub &'a Device);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Device { name, hostname, .. } = self.0;
        write!(f, "{name} (hostname {hostname}, id {}, ", self.0.key().unwrap_or("none"))?;
        match (presence(self.0), self.0.last_seen.at()) {
            (Presence::Connected, _) => f.write_str("connected)"),
            (Presence::Unknown, Some(time)) => write!(f, "last seen {time}, not reported whether connected)"),
            (Presence::Unknown, None) => f.write_str("not reported whether connected)"),
            (_, Some(time)) => write!(f, "last seen {time})"),
            (_, None) => f.write_str("never seen)"),
        }
    }
}

/// So many of something, in words.
#[must_use]
pub fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Devices, one a line, the first of them where there are many.
#[must_use]
pub fn lines<'a>(devices: impl IntoIterator<Item = &'a Device>) -> String {
    listed(devices.into_iter().map(|device| Told(device).to_string()))
}

/// Lines of a list, the first of them where there are many.
#[must_use]
pub fn listed(lines: impl IntoIterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort();
    let more = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.iter().flat_map(|line| ["\n  - ", line]).collect()
}
