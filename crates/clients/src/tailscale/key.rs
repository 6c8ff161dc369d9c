//! Auth keys: what is asked for, and what was minted.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tazlab_redacted::SecretText;

use super::device::{Moment, or_absent};

/// What a key is to allow the devices that join with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether it may be used more than once.
    pub reusable: bool,
    /// Whether its devices are removed when they are offline.
    pub ephemeral: bool,
    /// Whether its devices need no approval.
    pub preauthorized: bool,
    /// The tags of its devices.
    pub tags: Vec<String>,
}

/// What the API says that a key allows. A flag that it leaves out, or null, may be set: it is unknown, not false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Allowed {
    /// Whether it may be used more than once.
    pub reusable: Option<bool>,
    /// Whether its devices are removed when they are offline.
    pub ephemeral: Option<bool>,
    /// Whether its devices need no approval.
    pub preauthorized: Option<bool>,
    /// The tags of its devices. The API leaves them out where there are none.
    #[serde(default, deserialize_with = "or_absent")]
    pub tags: Vec<String>,
}

impl Allowed {
    /// Whether something that the answer says differs from `wanted`, whatever the order of the tags.
    #[must_use]
    pub fn differs(&self, wanted: &Capabilities) -> bool {
        let sorted = |tags: &[String]| tags.iter().cloned().collect::<BTreeSet<String>>();
        let flags = [
            (self.reusable, wanted.reusable),
            (self.ephemeral, wanted.ephemeral),
            (self.preauthorized, wanted.preauthorized),
        ];
        flags.iter().any(|(said, wanted)| said.is_some_and(|said| said != *wanted))
            || sorted(&self.tags) != sorted(&wanted.tags)
    }

    /// Whether the answer says all of it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [self.reusable, self.ephemeral, self.preauthorized].iter().all(Option::is_some)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, flag) in
            [("reusable", self.reusable), ("ephemeral", self.ephemeral), ("preauthorized", self.preauthorized)]
        {
            match flag {
                Some(flag) => write!(f, "{name}: {flag}, ")?,
                None => write!(f, "{name}: not reported, ")?,
            }
        }
        // A tag is a word; what is none may be anything, the key itself above all.
        let told = |tag: &String| if is_tag(tag) { tag.clone() } else { "(not a tag)".to_owned() };
        write!(f, "tags: {:?}", self.tags.iter().take(20).map(told).collect::<Vec<_>>())
    }
}

fn is_tag(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= 64
        && text.strip_prefix("tag:").is_some_and(|name| !name.starts_with("tskey") && name.bytes().all(is_plain))
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
    pub capabilities: Option<Allowed>,
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
            create: Allowed,
        }
        let Named { id } = serde_json::from_slice(answer)?;
        let secret = serde_json::from_slice(answer).ok().map(|Secret { key }| SecretText::new(key));
        // The id is printed, and it is a part of a path: what cannot be one, or holds the key, is none.
        let holds_key = |secret: &SecretText| !secret.is_empty() && id.contains(secret.expose().as_str());
        if id.is_empty() || matches!(id.as_str(), "." | "..") || secret.as_ref().is_some_and(holds_key) {
            return Err(serde::de::Error::missing_field("id"));
        }
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
        assert_eq!(full.capabilities.unwrap(), Allowed { preauthorized: Some(true), ..Allowed::default() });
        for text in [
            r#"{"id":"k1"}"#,
            r#"{"id":"k1","key":null,"capabilities":null}"#,
            r#"{"id":"k1","key":"","created":7,"capabilities":{"devices":{}}}"#,
            r#"{"id":"k1","key":5,"capabilities":{"devices":{"create":{"tags":"tag:a"}}}}"#,
        ] {
            let key = Key::read(text.as_bytes()).unwrap();
            assert_eq!((key.id.as_str(), key.secret, key.capabilities), ("k1", None, None), "{text}");
        }
        for text in [
            r#"{"id":"tskey-canary","key":"tskey-canary"}"#,
            r#"{"id":"..","key":"s"}"#,
            "",
            "{}",
            "null",
            r#"{"id":""}"#,
            r#"{"id":null,"key":"s"}"#,
            r#"{"id":"k1","key":"s"#,
        ] {
            assert!(Key::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_flag_that_the_answer_leaves_out_may_be_set() {
        let wanted = Capabilities { tags: vec!["tag:b".into(), "tag:a".into()], ..Capabilities::default() };
        let allowed = |text: &str| serde_json::from_str::<Allowed>(text).unwrap();
        let full = allowed(r#"{"reusable":false,"ephemeral":false,"preauthorized":false,"tags":["tag:a","tag:b"]}"#);
        assert!(!full.differs(&wanted) && full.is_complete());
        let partial = allowed(r#"{"ephemeral":false,"preauthorized":null,"tags":["tag:a","tag:b"]}"#);
        assert!(!partial.differs(&wanted) && !partial.is_complete());
        let more = allowed(r#"{"reusable":true,"tags":["tag:a","tag:b"]}"#);
        assert!(more.differs(&wanted) && more.to_string().starts_with("reusable: true, ephemeral: not reported, "));
        assert!(allowed(r#"{"reusable":false}"#).differs(&wanted), "tags that are left out are none");
        let told =
            allowed(r#"{"tags":["tag:a","tskey-auth-canary","tag:tskey-canary","tag:canary canary"]}"#).to_string();
        assert!(told.contains("tag:a") && !told.contains("canary"), "{told}");
    }
}
