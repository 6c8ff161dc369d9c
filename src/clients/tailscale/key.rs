//! Auth keys: what is asked for, and what was minted.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::device::Moment;
use crate::redacted::SecretText;

/// What a key allows the devices that join with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// May it be used more than once?
    pub reusable: bool,
    /// Do its devices go by themselves when they are offline?
    pub ephemeral: bool,
    /// Need nobody approve its devices?
    pub preauthorized: bool,
    /// The tags of its devices.
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

/// A minted key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id, by which it is revoked.
    pub id: String,
    /// The key itself; the API tells it once.
    pub secret: SecretText,
    /// When it was made.
    pub created: Moment,
    /// When it ends.
    pub expires: Moment,
    /// What it allows.
    pub capabilities: Capabilities,
}

impl Key {
    pub(super) fn read(answer: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Answer {
            id: String,
            key: String,
            #[serde(default)]
            created: Moment,
            #[serde(default)]
            expires: Moment,
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
        let answer: Answer = serde_json::from_slice(answer)?;
        Ok(Self {
            id: answer.id,
            secret: SecretText::new(answer.key),
            created: answer.created,
            expires: answer.expires,
            capabilities: answer.capabilities.devices.create,
        })
    }
}
