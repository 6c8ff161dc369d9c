//! Auth keys: what is asked for, and what was minted.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::device::{Moment, or_absent};
use crate::redacted::SecretText;

/// What a key allows the devices that join with it. What the API leaves out, or null, is no.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// May it be used more than once?
    #[serde(deserialize_with = "or_absent")]
    pub reusable: bool,
    /// Do its devices go by themselves when they are offline?
    #[serde(deserialize_with = "or_absent")]
    pub ephemeral: bool,
    /// Need nobody approve its devices?
    #[serde(deserialize_with = "or_absent")]
    pub preauthorized: bool,
    /// The tags of its devices.
    #[serde(deserialize_with = "or_absent")]
    pub tags: Vec<String>,
}

impl Capabilities {
    /// Are these the same, whatever the order of the tags?
    #[must_use]
    pub fn equal(&self, other: &Self) -> bool {
        let sorted = |one: &Self| {
            let mut one = one.clone();
            one.tags.sort();
            one.tags.dedup();
            one
        };
        sorted(self) == sorted(other)
    }
}

/// What a key is asked for with.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// What it is to allow.
    pub capabilities: Capabilities,
    /// How long it lasts.
    pub expiry: Duration,
    /// What it is for.
    pub description: String,
}

impl KeyRequest {
    pub(super) fn to_json(&self) -> serde_json::Value {
        let Capabilities { reusable, ephemeral, preauthorized, tags } = &self.capabilities;
        let create =
            json!({ "reusable": reusable, "ephemeral": ephemeral, "preauthorized": preauthorized, "tags": tags });
        json!({
            "capabilities": { "devices": { "create": create } },
            "expirySeconds": self.expiry.as_secs(),
            "description": self.description,
        })
    }
}

/// A minted key, as far as the answer could be read. Whatever else is missing, it exists and can be revoked by its id.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id, by which it is revoked.
    pub id: String,
    /// The key itself; the API tells it once.
    pub secret: Option<SecretText>,
    /// When it was made.
    pub created: Moment,
    /// When it ends.
    pub expires: Moment,
    /// What it allows; `None` where the answer does not say, or not in a form that is known.
    pub capabilities: Option<Capabilities>,
}

impl Key {
    /// Reads the answer of a mint: the id first, and of the rest what is there.
    ///
    /// # Errors
    /// When there is no id in it: nothing can then be done with the key.
    pub(super) fn read(answer: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        #[derive(Deserialize)]
        struct Secret {
            key: String,
        }
        #[derive(Deserialize)]
        struct Times {
            #[serde(default)]
            created: Moment,
            #[serde(default)]
            expires: Moment,
        }
        #[derive(Deserialize)]
        struct Allows {
            capabilities: Devices,
        }
        #[derive(Deserialize)]
        struct Devices {
            devices: Create,
        }
        #[derive(Deserialize)]
        struct Create {
            create: Capabilities,
        }
        let Named { id } = serde_json::from_slice(answer)?;
        if id.is_empty() {
            return Err(serde::de::Error::missing_field("id"));
        }
        let secret = serde_json::from_slice(answer).ok().map(|Secret { key }| SecretText::new(key));
        let times =
            serde_json::from_slice(answer).unwrap_or(Times { created: Moment::Absent, expires: Moment::Absent });
        let capabilities =
            serde_json::from_slice(answer).ok().map(|Allows { capabilities }| capabilities.devices.create);
        Ok(Self {
            id,
            secret: secret.filter(|secret| !secret.is_empty()),
            created: times.created,
            expires: times.expires,
            capabilities,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_of_a_key_is_read() {
        let full = Key::read(
            br#"{"id":"k1","key":"s","created":"2026-11-24T20:00:00Z","expires":null,"unheardOf":{},
                "capabilities":{"devices":{"create":{"reusable":null,"preauthorized":true,"tags":null}}}}"#,
        )
        .unwrap();
        assert!(full.secret.unwrap().is(b"s") && full.created.at().is_some() && full.expires == Moment::Absent);
        assert_eq!(full.capabilities.unwrap(), Capabilities { preauthorized: true, ..Capabilities::default() });
        for text in [
            r#"{"id":"k1"}"#,
            r#"{"id":"k1","key":null,"capabilities":null}"#,
            r#"{"id":"k1","key":"","created":7,"capabilities":{"devices":{}}}"#,
            r#"{"id":"k1","key":5,"capabilities":{"devices":{"create":{"tags":"tag:a"}}}}"#,
        ] {
            let key = Key::read(text.as_bytes()).unwrap();
            assert_eq!((key.id.as_str(), key.secret, key.capabilities), ("k1", None, None), "{text}");
        }
        for text in ["", "{}", "null", r#"{"id":""}"#, r#"{"id":null,"key":"s"}"#, r#"{"id":"k1","key":"s"#] {
            assert!(Key::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
