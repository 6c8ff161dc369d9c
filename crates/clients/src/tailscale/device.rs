//! A device as the API reports it. Unknown fields are ignored, null is absent. A flag that the API leaves out is unknown, not
//! false, and a time that cannot be read is not an absent one: whoever decides by them must know the difference.

use std::fmt;

use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A point in time that the API may leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// Left out, null, empty, or the zero time of the server's language.
    #[default]
    Absent,
    /// This.
    At(Timestamp),
    /// Something that is no time.
    Unreadable,
}

impl Moment {
    /// The time, if it is one.
    #[must_use]
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Null => Self::Absent,
            serde_json::Value::String(text) if text.is_empty() || text.starts_with("0001-01-01T00:00:00") => {
                Self::Absent
            }
            serde_json::Value::String(text) => text.parse().map_or(Self::Unreadable, Self::At),
            _ => Self::Unreadable,
        })
    }
}

/// A device of the tailnet, or one that is shared in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Device {
    /// Its `MagicDNS` name, whose first label is the one that it got: `lushycorp-k8s-2.example.ts.net`.
    #[serde(deserialize_with = "or_absent")]
    pub name: String,
    /// The name that it asked for.
    #[serde(deserialize_with = "or_absent")]
    pub hostname: String,
    /// The id that the API prefers.
    #[serde(deserialize_with = "or_absent")]
    pub node_id: String,
    /// The older id.
    #[serde(deserialize_with = "or_absent")]
    pub id: String,
    /// Whose it is; tagged devices have an owner too.
    #[serde(deserialize_with = "or_absent")]
    pub user: String,
    /// Its operating system.
    #[serde(deserialize_with = "or_absent")]
    pub os: String,
    /// The version of its client.
    #[serde(deserialize_with = "or_absent")]
    pub client_version: String,
    /// Its addresses in the tailnet.
    #[serde(deserialize_with = "or_absent")]
    pub addresses: Vec<String>,
    /// Its tags.
    #[serde(deserialize_with = "or_absent")]
    pub tags: Vec<String>,
    /// Whether it may take part.
    pub authorized: Option<bool>,
    /// Whether the tailnet removes it some time after it was seen last.
    pub is_ephemeral: Option<bool>,
    /// Whether it is shared in from another tailnet.
    pub is_external: Option<bool>,
    /// Whether its key never expires.
    pub key_expiry_disabled: Option<bool>,
    /// Whether it is connected to the control plane. Not every control plane reports it.
    pub connected_to_control: Option<bool>,
    /// When it joined.
    pub created: Moment,
    /// When its key ends.
    pub expires: Moment,
    /// When it was seen last; absent while it is connected.
    pub last_seen: Moment,
}

/// Null is what is left out.
pub(super) fn or_absent<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Fields by which servers say that a list goes on, where they have something in them.
const PAGES: &[&str] = &["cursor", "hasmore", "more", "truncated"];

/// More devices are in no tailnet, and would take the memory of this machine: each takes more of it than of the answer.
const MOST: usize = 200_000;

/// The answer of a list, as far as it is looked at.
#[derive(Default)]
struct List {
    /// Null is an empty list.
    devices: Option<Vec<Device>>,
    /// Was there such a field at all? An answer that says nothing of devices is no empty tailnet.
    says_devices: bool,
    /// It names another page.
    more: bool,
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of devices")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List, A::Error> {
                let mut list = List::default();
                while let Some(name) = map.next_key::<String>()? {
                    let lower = name.to_ascii_lowercase();
                    if name == "devices" {
                        list.says_devices = true;
                        list.devices = map.next_value::<Option<Several>>()?.map(|some| some.0);
                    } else if lower.starts_with("next") || PAGES.contains(&lower.as_str()) {
                        let value = map.next_value::<serde_json::Value>()?;
                        list.more |= !matches!(&value, serde_json::Value::Null | serde_json::Value::Bool(false))
                            && value.as_str() != Some("");
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(list)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Devices up to the most that are read.
struct Several(Vec<Device>);

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Several;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("devices")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Several, A::Error> {
                let mut devices = Vec::new();
                while let Some(device) = items.next_element()? {
                    if devices.len() == MOST {
                        return Err(serde::de::Error::custom("too many devices"));
                    }
                    devices.push(device);
                }
                Ok(Several(devices))
            }
        }
        deserializer.deserialize_seq(Items)
    }
}

impl Device {
    /// Reads the answer of a list, and whether it says itself that there are more.
    ///
    /// # Errors
    /// When it is no JSON of that form, or longer than any tailnet. Nothing can then be said about any device.
    pub fn list(answer: &[u8]) -> Result<(Vec<Self>, bool), serde_json::Error> {
        let list: List = serde_json::from_slice(answer)?;
        if !list.says_devices {
            return Err(serde::de::Error::missing_field("devices"));
        }
        Ok((list.devices.unwrap_or_default(), list.more))
    }

    /// What of it is stored or shown somewhere.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        let own = [&self.name, &self.hostname, &self.node_id, &self.id, &self.user, &self.os, &self.client_version];
        own.into_iter().chain(&self.addresses).chain(&self.tags)
    }

    /// Reads one device.
    ///
    /// # Errors
    /// When it is no JSON of that form.
    pub fn one(answer: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(answer)
    }

    /// The id to name it by: `nodeId`, where the server gives one. `None` where nothing can be done with it.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        let usable = |id: &&str| !matches!(*id, "" | "." | "..");
        [self.node_id.as_str(), self.id.as_str()].into_iter().find(usable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traps_of_the_api_are_known() {
        let text = br#"{"devices":[
            {"name":"a.ts.net","hostname":"a","id":"1","nodeId":"n1","created":"","expires":"0001-01-01T00:00:00Z",
             "lastSeen":null,"unheardOf":{"x":[1]},"connectedToControl":true},
            {"name":"b.ts.net","id":"2","nodeId":"","tags":null,"lastSeen":"2026-11-24T20:00:00.123456789Z"},
            {"id":"..","lastSeen":"yesterday","created":7}
        ]}"#;
        let devices = Device::list(text).unwrap().0;
        assert_eq!(devices.len(), 3);
        assert_eq!((devices[0].key(), devices[0].created), (Some("n1"), Moment::Absent));
        assert_eq!((devices[0].expires, devices[0].last_seen), (Moment::Absent, Moment::Absent));
        assert_eq!((devices[1].key(), devices[1].tags.len()), (Some("2"), 0));
        assert!(devices[1].last_seen.at().is_some() && devices[1].connected_to_control.is_none());
        assert_eq!((devices[2].last_seen, devices[2].created), (Moment::Unreadable, Moment::Unreadable));
        assert_eq!(devices[2].key(), None);
    }

    #[test]
    fn a_flag_that_is_left_out_is_unknown_and_not_false() {
        let text = br#"{"devices":[{"id":"1"},{"id":"2","isExternal":null,"authorized":false,"isEphemeral":true}]}"#;
        let devices = Device::list(text).unwrap().0;
        let flags = |device: &Device| (device.is_external, device.authorized, device.is_ephemeral);
        assert_eq!(flags(&devices[0]), (None, None, None));
        assert_eq!(flags(&devices[1]), (None, Some(false), Some(true)));
    }

    #[test]
    fn what_is_no_list_is_not_an_empty_one() {
        for text in ["", "{}", "[]", "null", "<html>", r#"{"devices":{}}"#, r#"{"devices":[{"isExternal":"yes"}]}"#] {
            assert!(Device::list(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(Device::list(br#"{"devices":null}"#).unwrap(), (Vec::new(), false));
    }

    #[test]
    fn a_list_that_goes_on_elsewhere_says_so() {
        let more = |field: &str| Device::list(format!("{{{field}\"devices\":[]}}").as_bytes()).unwrap().1;
        for field in ["\"nextPageToken\":\"x\",", "\"next\":{\"href\":\"/\"},", "\"hasMore\":true,", "\"cursor\":7,"] {
            assert!(more(field), "{field}");
        }
        for field in ["", "\"next\":null,", "\"nextPage\":\"\",", "\"hasMore\":false,", "\"unheardOf\":true,"] {
            assert!(!more(field), "{field}");
        }
    }

    #[test]
    fn more_devices_than_any_tailnet_has_are_not_read() {
        let list = |count: usize| format!("{{\"devices\":[{}{{}}]}}", "{},".repeat(count - 1));
        assert!(Device::list(list(MOST + 1).as_bytes()).is_err());
        assert_eq!(Device::list(list(3).as_bytes()).unwrap().0.len(), 3);
    }
}
