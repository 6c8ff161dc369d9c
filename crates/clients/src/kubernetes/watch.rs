//! Watching objects: a list, then every change as the server tells it, from the beginning where the thread is lost.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::authentication::AuthenticationError;
use super::connection::Begun;
use super::error::{Cause, Error};
use super::kind::{Kind, Target, escaped};
use super::lines::Lines;
use super::live::{Item, Live};
use super::request::{Verb, items};
use super::send::Connected;
use super::status::Refusal;
use super::unanswered::{unreachable, why};
use super::{Call, Client, Object, Part, ready};
use crate::backoff::backoff;
use crate::reach::Unreachable;

/// How long the server keeps one watch open, in seconds.
const LENGTH: u64 = 290;

/// How long the server may take to begin one.
const OPENING: Duration = Duration::from_secs(30);

/// How long a server that has come back may refuse us.
const STRANGERS: Duration = Duration::from_secs(15);

/// How long a watch may be silent. The server sends bookmarks about once a minute.
const SILENCE: Duration = Duration::from_mins(2);

/// A watch that ends sooner than this was closed at once: the next one is not opened without a pause.
const BRIEF: Duration = Duration::from_secs(1);

/// Which objects are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// By fields, `metadata.name=coredns`.
    Fields(String),
    /// By labels, `k8s-app=kube-dns`.
    Labels(String),
}

impl Selector {
    pub(super) fn query(&self) -> String {
        match self {
            Self::Fields(fields) => format!("fieldSelector={}", escaped(fields)),
            Self::Labels(labels) => format!("labelSelector={}", escaped(labels)),
        }
    }
}

/// What a watch tells.
#[derive(Clone, Debug)]
pub enum Seen<K> {
    /// All there are; what was told before is void.
    All(Vec<Live<K>>),
    /// One is new, or has changed.
    Changed(Box<Live<K>>),
    /// One is gone.
    Gone(Box<Live<K>>),
    /// The server is not there at the moment, for this reason. It is waited for.
    Lost(String),
}

#[derive(Deserialize)]
#[serde(bound = "K: DeserializeOwned")]
struct Page<K> {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default, deserialize_with = "items")]
    items: Option<Vec<K>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    object: Value,
}

impl Client {
    /// Reads all objects of a kind that are meant, in one namespace or (`None`) everywhere.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn find<K: Object>(
        &self,
        call: &Call,
        namespace: Option<&str>,
        selector: &Selector,
    ) -> Result<Vec<Live<K>>, Error> {
        let target = Target::all(Kind::of::<K>(), namespace);
        let path = format!("{}?{}", target.path(), selector.query());
        let page: Page<K> = self.0.send(call, &target, Verb::Get, &path, None).await?.decode(&target)?;
        Ok(page.items.unwrap_or_default().into_iter().map(Live::of).collect())
    }

    /// Watches objects of a kind until the call ends. Where the server goes away it is waited for, and everything is
    /// reported again. The stream ends with an error only: why the call ended, or what cannot be mended by waiting.
    #[must_use]
    pub fn watch<K: Object + Send + 'static>(
        &self,
        call: &Call,
        namespace: &str,
        selector: &Selector,
    ) -> BoxStream<'static, Result<Seen<K>, Error>> {
        let target = Target::all(Kind::of::<K>(), Some(namespace));
        Watching::new(self, call, target, Some(selector), None).stream()
    }

    /// Watches parts of all objects of a kind, in one namespace or (`None`) everywhere, as [`Client::watch`] does. With
    /// the `version` of a list ([`Client::list_parts`]) it tells what happened since, and the list itself only when the
    /// thread is lost.
    #[must_use]
    pub fn watch_parts<T: DeserializeOwned + Send + 'static>(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
        selector: Option<&Selector>,
        version: Option<String>,
    ) -> BoxStream<'static, Result<Seen<Part<T>>, Error>> {
        Watching::new(self, call, Target::all(kind.clone(), namespace), selector, version).stream()
    }
}

struct Watching {
    connected: Arc<Connected>,
    call: Call,
    target: Target,
    query: String,
    /// Where in the server's history we are; none: at its beginning.
    version: Option<String>,
    lines: Option<Lines>,
    /// The server has to be waited for.
    lost: bool,
    /// Since when it is ready again, and has not answered yet.
    back_since: Option<Instant>,
    /// How often it was lost without an answer in between.
    losses: u32,
    /// How many watches in a row the server closed as soon as they were open.
    brief: u32,
}

impl Watching {
    fn new(client: &Client, call: &Call, target: Target, selector: Option<&Selector>, version: Option<String>) -> Self {
        Self {
            connected: Arc::clone(&client.0),
            call: call.clone(),
            target,
            query: selector.map(Selector::query).unwrap_or_default(),
            version,
            lines: None,
            lost: false,
            back_since: None,
            losses: 0,
            brief: 0,
        }
    }

    fn stream<K: Item>(self) -> BoxStream<'static, Result<Seen<K>, Error>> {
        stream::unfold(Some(self), |watching| async {
            let mut watching = watching?;
            match watching.next().await {
                Ok(seen) => Some((Ok(seen), Some(watching))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }

    async fn next<K: Item>(&mut self) -> Result<Seen<K>, Error> {
        if std::mem::take(&mut self.lost) {
            let pause = self.call.run(tokio::time::sleep(backoff(self.losses))).await;
            pause.map_err(|ended| self.target.fail(why(ended, None)))?;
            ready::wait(&self.connected, &self.call, |seen| tracing::info!("{seen}")).await?;
            self.back_since.get_or_insert_with(Instant::now);
        }
        let call = self.call.clone();
        let cause = match call.run(self.step()).await {
            Ok(Ok(seen)) => {
                (self.losses, self.back_since) = (0, None);
                return Ok(seen);
            }
            Ok(Err(cause)) => cause,
            Err(ended) => return Err(self.target.fail(why(ended, None))),
        };
        let away = match &cause {
            Cause::Unreachable { .. } | Cause::Overloaded { .. } | Cause::ConversionNotReady { .. } => true,
            Cause::Api { code, .. } => (500..=599).contains(code),
            _ => false,
        };
        let stranger = match &cause {
            // A server that has just come back may not know yet who may do what.
            Cause::Forbidden { .. } | Cause::Authentication(AuthenticationError::Refused) => {
                self.back_since.is_some_and(|since| since.elapsed() < STRANGERS)
            }
            _ => false,
        };
        if !away && !stranger {
            return Err(self.target.fail(cause));
        }
        self.losses += 1;
        if away {
            self.back_since = None;
        }
        (self.version, self.lines, self.lost) = (None, None, true);
        Ok(Seen::Lost(cause.to_string()))
    }

    async fn step<K: Item>(&mut self) -> Result<Seen<K>, Cause> {
        loop {
            let Some(version) = self.version.clone() else { return self.list().await };
            if self.lines.is_none() {
                let path = format!(
                    "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={LENGTH}&resourceVersion={}&{}",
                    self.target.path(),
                    escaped(&version),
                    self.query
                );
                let begun = Begun::default();
                let opened = self.connected.open(&begun, &self.target, Verb::Get, &path, None);
                let opened = tokio::time::timeout(OPENING, opened).await;
                let silent = || unreachable(&self.connected.server(), Unreachable::TimedOut);
                let (_, body) = opened.map_err(|_| self.connected.silent(&begun, silent))??;
                self.lines = Some(Lines::new(self.connected.server(), body));
            }
            let Some(lines) = self.lines.as_mut() else { continue };
            let line = tokio::time::timeout(SILENCE, lines.next()).await;
            let line = line.map_err(|_| unreachable(&self.connected.server(), Unreachable::TimedOut))?;
            let Some(line) = line? else {
                // The server ends each watch after its time; the next one goes on from where this one was.
                let brief = lines.opened.elapsed() < BRIEF;
                self.lines = None;
                self.brief = if brief { self.brief + 1 } else { 0 };
                if brief {
                    tokio::time::sleep(backoff(self.brief)).await;
                }
                continue;
            };
            if let Some(seen) = self.told(&line)? {
                return Ok(seen);
            }
        }
    }

    async fn list<K: Item>(&mut self) -> Result<Seen<K>, Cause> {
        let path = format!("{}?{}", self.target.path(), self.query);
        let answer = self.connected.once(&self.call, &self.target, Verb::Get, &path, None).await?;
        let page: Page<K> = answer.decode(&self.target).map_err(|error| *error.cause)?;
        self.version = Some(page.metadata.resource_version.unwrap_or_default());
        Ok(Seen::All(page.items.unwrap_or_default().into_iter().map(K::live).collect()))
    }

    /// What a line tells, if it is anything for the caller.
    fn told<K: Item>(&mut self, text: &[u8]) -> Result<Option<Seen<K>>, Cause> {
        let unreadable = |error: serde_json::Error| Cause::Answer { line: error.line(), column: error.column() };
        let event: Event = serde_json::from_slice(text).map_err(unreadable)?;
        if event.kind == "ERROR" {
            let code = event
                .object
                .get("code")
                .and_then(Value::as_u64)
                .and_then(|code| u16::try_from(code).ok())
                .unwrap_or(500);
            if code == 410 {
                // The server has forgotten that part of its history.
                (self.version, self.lines) = (None, None);
                return Ok(None);
            }
            let (body, scrubber) = (event.object.to_string(), self.connected.scrubber(None));
            let (target, verb, body, scrubber) = (&self.target, Verb::Get, body.as_bytes(), &scrubber);
            return Err(Refusal { target, verb, code, body, retry_after: None, scrubber }.cause());
        }
        if let Some(version) = event.object.pointer("/metadata/resourceVersion").and_then(Value::as_str) {
            self.version = Some(version.to_owned());
        }
        if event.kind == "BOOKMARK" {
            return Ok(None);
        }
        let live = Box::new(K::live(serde_json::from_value(event.object).map_err(unreadable)?));
        Ok(Some(if event.kind == "DELETED" { Seen::Gone(live) } else { Seen::Changed(live) }))
    }
}
