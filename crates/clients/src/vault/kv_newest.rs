//! KV version 2: the newest version of a secret with its number, writes that depend on that number, and the end of all
//! versions. Reading one version's fields by itself is `kv`'s.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Client;
use super::answer::Answer;
use super::error::{Cause, Error};
use super::kv::{KvField, field};
use super::request::{Verb, body};
use crate::call::Call;

/// The newest version of a secret.
#[derive(Clone, Debug, Default)]
pub struct KvNewest {
    /// Its fields; `None` when there is no secret, or its newest version is deleted or destroyed.
    pub fields: Option<BTreeMap<String, KvField>>,
    /// The number of the newest version, also of one that is deleted; 0 when there was never one.
    pub version: i64,
    /// When that version was written.
    pub written: Option<Timestamp>,
}

/// A version that was just written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct KvWritten {
    /// Its number.
    pub version: i64,
    /// When it was written.
    #[serde(rename = "created_time")]
    pub written: Timestamp,
}

impl KvNewest {
    fn read(answer: &Answer) -> Result<Self, Cause> {
        #[derive(Deserialize)]
        struct Found<'a> {
            // Borrowed from the answer, which is wiped.
            #[serde(borrow)]
            data: Option<BTreeMap<String, &'a RawValue>>,
            metadata: KvWritten,
        }
        let Some(Found { data, metadata }) = answer.data()? else { return Err(Cause::Answer { line: 1, column: 1 }) };
        let fields = data.map(|data| data.into_iter().map(|(name, raw)| (name, field(raw))).collect());
        Ok(Self { fields, version: metadata.version, written: Some(metadata.written) })
    }
}

impl Client {
    /// The newest version of a secret of a KV engine of version 2.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn kv2_newest(&self, call: &Call, mount: &str, path: &str) -> Result<KvNewest, Error> {
        let operation = Verb::Read.at(&format!("{mount}/data/{path}"));
        match self.read_deleted_too(call, &operation).await {
            Ok(answer) => KvNewest::read(&answer).map_err(|cause| Error::new(&operation, cause)),
            Err(error) if error.is_absence() => Ok(KvNewest::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes a version after the one with the number `after`; 0 for the first.
    ///
    /// # Errors
    /// [`Cause::Refused`] when another version is the newest, and the rest.
    pub async fn kv2_write_after(
        &self,
        call: &Call,
        mount: &str,
        path: &str,
        after: i64,
        fields: &(impl Serialize + Sync),
    ) -> Result<KvWritten, Error> {
        #[derive(Serialize)]
        struct Write<'a, T> {
            options: Options,
            data: &'a T,
        }
        #[derive(Serialize)]
        struct Options {
            cas: i64,
        }
        let operation = Verb::Write.at(&format!("{mount}/data/{path}"));
        let body = body(&Write { options: Options { cas: after }, data: fields });
        let answer = self.send(call, &operation, Verb::Write, Some(&body)).await?;
        let written = answer.data().and_then(|written| written.ok_or(Cause::Answer { line: 1, column: 1 }));
        written.map_err(|cause| Error::new(&operation, cause))
    }

    /// Deletes a secret of a KV engine of version 2 with all of its versions.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn kv2_delete_all(&self, call: &Call, mount: &str, path: &str) -> Result<(), Error> {
        let operation = Verb::Delete.at(&format!("{mount}/metadata/{path}"));
        match self.send(call, &operation, Verb::Delete, None).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// Is it something else than a KV engine of version 2 that is mounted there, as far as Vault tells this token? What it is,
    /// in words.
    pub async fn not_kv2(&self, call: &Call, mount: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Mounted {
            #[serde(rename = "type")]
            kind: String,
            options: Option<BTreeMap<String, String>>,
        }
        let operation = Verb::Read.at(&format!("sys/internal/ui/mounts/{mount}"));
        let answer = self.send(call, &operation, Verb::Read, None).await.ok()?;
        let Mounted { kind, options } = answer.told().ok().flatten()?;
        let version = options.and_then(|mut options| options.remove("version")).unwrap_or_else(|| "1".to_owned());
        match kind.as_str() {
            "kv" | "generic" if version == "2" => None,
            "kv" | "generic" => Some(format!("a KV engine of version {version}")),
            other => Some(format!("an engine of type {other}")),
        }
    }
}
