//! KV version 2: reading the fields of a secret. What is read stays in redacting types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tazlab_redacted::SecretText;

use super::Client;
use super::answer::{Answer, secret};
use super::error::{Cause, Error};
use super::request::Verb;
use crate::call::Call;

/// One field of a secret.
#[derive(Clone, Debug)]
pub enum KvField {
    /// A text, which is what nearly all are.
    Text(SecretText),
    /// Anything else, as JSON.
    Json(SecretText),
}

/// A secret.
#[derive(Clone, Debug)]
pub struct KvSecret {
    /// Its fields.
    pub fields: BTreeMap<String, KvField>,
    /// Its version.
    pub version: i64,
}

/// What is at a path of a KV engine.
#[derive(Clone, Debug)]
pub enum Kv {
    /// A secret.
    Secret(KvSecret),
    /// The engine has none there, or none of this version (any more).
    Absent,
    /// Not found, and not by an engine: nothing may be mounted there, or something before Vault answers in its place.
    NotFound,
}

impl KvSecret {
    /// Reads an answer with a secret; `None` when its version holds none any more.
    ///
    /// # Errors
    /// [`Cause::Answer`] when it is none.
    pub fn read(answer: &Answer) -> Result<Option<Self>, Cause> {
        #[derive(Deserialize)]
        struct Found<'a> {
            // Borrowed from the answer, which is wiped.
            #[serde(borrow)]
            data: Option<BTreeMap<String, &'a RawValue>>,
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        struct Metadata {
            version: i64,
        }
        let Some(Found { data: Some(data), metadata }) = answer.data()? else { return Ok(None) };
        let fields = data.into_iter().map(|(name, raw)| (name, field(raw))).collect();
        Ok(Some(Self { fields, version: metadata.version }))
    }
}

impl Client {
    /// Reads a secret of a KV engine of version 2.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn kv2(&self, call: &Call, mount: &str, path: &str, version: Option<i64>) -> Result<Kv, Error> {
        let operation = Verb::Read.at(&format!("{mount}/data/{path}"));
        let query = version.map(|version| format!("version={version}")).unwrap_or_default();
        let answer = match self.read_with(call, &operation, &query).await {
            Ok(answer) => answer,
            // A version that was deleted is a 404 as well.
            Err(error) if error.is_absence() => return Ok(Kv::Absent),
            Err(error) if error.is_not_found() => return Ok(Kv::NotFound),
            Err(error) => return Err(error),
        };
        let secret = KvSecret::read(&answer).map_err(|cause| Error::new(&operation, cause))?;
        Ok(secret.map_or(Kv::Absent, Kv::Secret))
    }
}

pub(super) fn field(raw: &RawValue) -> KvField {
    let mut text = serde_json::Deserializer::from_str(raw.get());
    match secret(&mut text) {
        Ok(text) => KvField::Text(text),
        Err(_) => KvField::Json(raw.get().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_are_unquoted() {
        let of = |json: &str| field(&RawValue::from_string(json.to_owned()).unwrap());
        assert!(matches!(of(r#""a\nb""#), KvField::Text(text) if text.expose() == "a\nb"));
        assert!(matches!(of("12"), KvField::Json(text) if text.expose() == "12"));
        assert!(matches!(of(r#"{"a":1}"#), KvField::Json(text) if text.expose() == r#"{"a":1}"#));
    }
}
