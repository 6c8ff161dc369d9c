//! One request and its retries: from bytes to an answer or a typed error.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use kube::client::Body;
use kube::config::AuthInfo;
use serde::Serialize;
use tokio::sync::{Mutex, OnceCell};

use super::address::{origin, shown_place};
use super::authentication::{self, AuthenticationError};
use super::connection::{Begun, Versions};
use super::error::{Cause, Error};
use super::kind::Target;
pub(super) use super::request::{Answer, Verb};
use super::secrets::{self, Sent};
use super::settings::Settings;
use super::status::Refusal;
use super::unanswered::{of_kube, unreachable, why};
use super::{connection, exec, kubeconfig, retry};
use crate::call::{Call, Ended};
use crate::limit::{Bounded, LARGEST_ANSWER, LARGEST_REFUSAL, TooLarge};
use crate::reach::Unreachable;
use crate::scrub::Scrubber;

/// How long a single request may take where the caller's deadline is further away.
const REQUEST: Duration = Duration::from_secs(30);

/// How long before its end a credential is asked for again.
const BEFORE: SignedDuration = SignedDuration::from_secs(10);

/// The settings, and the client that is made of them with the first call.
pub(super) struct Connected {
    pub(super) settings: Settings,
    current: RwLock<Option<Arc<Current>>>,
    making: Mutex<()>,
    /// The credentials that were sent.
    sent: Sent,
}

/// A client, and what it was made of.
pub(super) struct Current {
    config: kube::Config,
    /// Who we are as the settings say it: where a credential plugin is asked, the client has what it gave.
    who: AuthInfo,
    client: kube::Client,
    /// When the credentials end.
    ends: Option<Timestamp>,
    /// For connections that become something else than HTTP, which HTTP/2 has no place for.
    upgrading: OnceCell<kube::Client>,
}

/// The way to an API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Where it is: scheme, host, port, and path where there is one; `https://10.0.0.1:6443`.
    pub origin: String,
    /// Whether a proxy stands in between: then a refused connection is the proxy's.
    pub is_through_proxy: bool,
}

impl Connected {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, current: RwLock::default(), making: Mutex::default(), sent: Sent::default() }
    }

    /// The client there is, if there is one.
    fn known(&self) -> Option<Arc<Current>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client, with credentials that have not ended.
    async fn client(&self) -> Result<Arc<Current>, Cause> {
        let usable = |current: &Arc<Current>| current.ends.is_none_or(|ends| Timestamp::now() + BEFORE < ends);
        if let Some(current) = self.known().filter(usable) {
            return Ok(current);
        }
        let _one_at_a_time = self.making.lock().await;
        if let Some(current) = self.known().filter(usable) {
            return Ok(current);
        }
        let current = Arc::new(self.make().await?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&current));
        Ok(current)
    }

    async fn make(&self) -> Result<Current, Cause> {
        let mut config = kubeconfig::resolve(&self.settings).await?;
        let who = config.auth_info.clone();
        let mut ends = None;
        if let Some(plugin) = exec::plugin(&who) {
            let given = exec::run(plugin).await?;
            ends = given.ends;
            given.into(&mut config.auth_info, &self.sent);
        }
        let client = self.build(&config, Versions::Any).await?;
        Ok(Current { config, who, client, ends, upgrading: OnceCell::new() })
    }

    /// Files are read, and an auth-provider's command is waited for: away from the threads that serve.
    async fn build(&self, config: &kube::Config, versions: Versions) -> Result<kube::Client, Cause> {
        let (config, sent, runtime) = (config.clone(), self.sent.clone(), tokio::runtime::Handle::current());
        tokio::task::spawn_blocking(move || {
            let _inside = runtime.enter();
            connection::build(&config, versions, &sent)
        })
        .await
        .map_err(|_| Cause::Request { problem: "the connection could not be set up".to_owned() })?
    }

    /// Where the server is, and whether a proxy stands in between. Reads the kubeconfig; runs no credential plugin and dials
    /// nobody.
    pub(super) async fn way(&self) -> Result<Way, Cause> {
        let of = |config: &kube::Config| Way {
            origin: shown_place(&config.cluster_url),
            is_through_proxy: config.proxy_url.is_some(),
        };
        match self.known() {
            Some(current) => Ok(of(&current.config)),
            None => kubeconfig::resolve(&self.settings).await.map(|config| of(&config)),
        }
    }

    /// The client for connections that are upgraded.
    pub(super) async fn upgrading(&self) -> Result<kube::Client, Cause> {
        let current = self.client().await?;
        let client = current.upgrading.get_or_try_init(|| self.build(&current.config, Versions::One)).await;
        client.cloned()
    }

    /// The cause of a failure of the library below.
    pub(super) async fn cause_of(&self, target: &Target, error: kube::Error) -> Cause {
        let current = match self.client().await {
            Ok(current) => current,
            Err(cause) => return cause,
        };
        match error {
            kube::Error::Api(status) if status.code == 404 => Cause::NotFound,
            kube::Error::Api(status) => {
                let (code, scrubber) = (status.code, self.scrubber(None));
                let body = serde_json::to_vec(&StatusOf { kind: "Status", status: &status }).unwrap_or_default();
                Refusal { target, verb: Verb::Get, code, body: &body, retry_after: None, scrubber: &scrubber }.cause()
            }
            other => of_kube(&other, &current.config),
        }
    }

    /// Removes what a request holds from what others say of it.
    pub(super) fn scrubber(&self, body: Option<&[u8]>) -> Scrubber {
        let known = self.known();
        known.map(|known| secrets::of_request(&known.config.auth_info, &self.sent, body)).unwrap_or_default()
    }

    /// Sends a request until it is answered, repeating what is safe to repeat.
    pub(super) async fn send(
        &self,
        call: &Call,
        target: &Target,
        verb: Verb,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        let mut done = 0;
        let mut last = None;
        loop {
            let cause = match self.once(call, target, verb, path, body.as_deref()).await {
                Ok(answer) => return Ok(answer),
                Err(Cause::TimedOut { .. }) => return Err(target.fail(Cause::TimedOut { last })),
                Err(cause) => cause,
            };
            done += 1;
            let Some(pause) = retry::pause(&cause, verb.reads(), done).filter(|pause| call.has(*pause)) else {
                return Err(target.fail(cause));
            };
            tracing::debug!(operation = %target.operation, %cause, ?pause, "trying again");
            last = Some(cause.to_string());
            call.run(tokio::time::sleep(pause)).await.map_err(|ended| target.fail(why(ended, last.clone())))?;
        }
    }

    /// Sends a request once.
    pub(super) async fn once(
        &self,
        call: &Call,
        target: &Target,
        verb: Verb,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Answer, Cause> {
        let begun = Begun::default();
        let exchange = async {
            let (code, body) = self.open(&begun, target, verb, path, body).await?;
            let (body, whole) = self.read(body, LARGEST_ANSWER).await?;
            whole.map_err(Cause::TooLarge)?;
            Ok(Answer { code, body })
        };
        match call.run(tokio::time::timeout(REQUEST, exchange)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(self.silent(&begun, || unreachable(&self.server(), Unreachable::TimedOut))),
            Err(Ended::TimedOut) => Err(self.silent(&begun, || Cause::TimedOut { last: None })),
            Err(Ended::Stopped) => Err(Cause::Stopped),
        }
    }

    /// Why nothing came in time: `otherwise`, unless it was not even sent, which says nothing about the server.
    pub(super) fn silent(&self, begun: &Begun, otherwise: impl FnOnce() -> Cause) -> Cause {
        let known = self.known();
        let command = match &known {
            Some(known) => authentication::command(&known.who),
            None => self.settings.exec.as_ref().map(|exec| exec.command.clone()),
        };
        let fetches = command.is_some() || (known.is_none() && !self.settings.config_paths.is_empty());
        match (begun.is(), fetches) {
            (true, _) => otherwise(),
            (false, true) => AuthenticationError::TimedOut { command }.into(),
            (false, false) => Cause::Request { problem: "the connection could not be prepared in time".to_owned() },
        }
    }

    /// Sends a request once; gives the body of a success as it comes.
    pub(super) async fn open(
        &self,
        begun: &Begun,
        target: &Target,
        verb: Verb,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<(StatusCode, Body), Cause> {
        let current = self.client().await?;
        let request = verb.request(path, body.map(<[u8]>::to_vec));
        let mut request = request.map_err(|_| Cause::Request { problem: "its path is not a URL's".to_owned() })?;
        request.extensions_mut().insert(begun.clone());
        let answer = current.client.send(request).await.map_err(|error| of_kube(&error, &current.config))?;
        let (head, answered) = answer.into_parts();
        if head.status.is_success() {
            return Ok((head.status, answered));
        }
        // What is longer is not a Status, and is not shown either.
        let (refusal, _) = self.read(answered, LARGEST_REFUSAL).await?;
        let seconds = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let (code, retry_after) = (head.status.as_u16(), seconds.map(Duration::from_secs));
        let mut scrubber = self.scrubber(body);
        target.hidden.iter().for_each(|secret| scrubber.add(secret.expose().as_bytes()));
        let scrubber = &scrubber;
        Err(Refusal { target, verb, code, body: &refusal, retry_after, scrubber }.cause())
    }

    /// Reads a body up to a limit, and says whether that was all of it.
    async fn read(&self, mut body: Body, limit: usize) -> Result<(Vec<u8>, Result<(), TooLarge>), Cause> {
        let mut read = Bounded::new(limit);
        let mut whole = Ok(());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| unreachable(&self.server(), Unreachable::from_chain(&error)))?;
            let Some(chunk) = frame.data_ref() else { continue };
            whole = read.push(chunk);
            if whole.is_err() {
                break;
            }
        }
        Ok((read.into_body(), whole))
    }

    /// The server's address, for messages.
    pub(super) fn server(&self) -> String {
        self.known().map(|known| origin(&known.config.cluster_url)).unwrap_or_default()
    }
}

/// A `Status` that the library read, as the server wrote it.
#[derive(Serialize)]
struct StatusOf<'a> {
    kind: &'static str,
    #[serde(flatten)]
    status: &'a kube::core::Status,
}
