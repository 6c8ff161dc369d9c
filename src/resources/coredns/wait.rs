//! Waiting for a rollout, by watching: it ends when all replicas are new and ready, or as soon as it is certain that
//! they will not be.

use std::time::Duration;

use futures::stream::select;
use futures::{Stream, StreamExt};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use tazlab_clients::kubernetes::{Call, Client, Error, Seen, Selector};
use tf_plugin::framework::context::{Context, Interrupted};
use tokio::time::Instant;

use super::container::{Cause, LastWords, last_words};
use super::corefile::Corefile;
use super::errors::CorednsError;
use super::model::Coredns;
use super::objects::CONTAINER;
use super::rollout::{Crash, Ends, Rollout, Standing};
use super::sight::pods;
use crate::cluster::{Cluster, Failure};

/// How long the API server may refuse pods before it is believed: a moment after its ServiceAccount is made, it may
/// not know of it yet.
const REFUSALS: Duration = Duration::from_secs(5);

/// How long after a log could not be read it is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// How much of a log is read.
const LINES: u32 = 30;

/// How long the last question of a wait that is over may take.
const AFTERWARDS: Duration = Duration::from_secs(3);

enum Change {
    Deployment(Seen<Deployment>),
    Pods(Seen<Pod>),
}

/// What the containers of the pods that are there have been through, for a rollout that is about to begin: how they ended
/// is none of its matter.
pub(super) async fn ends<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    model: &Coredns,
) -> Result<Ends, Failure> {
    let of = pods(model);
    let find =
        |client: Client, call: Call| async move { client.find::<Pod>(&call, Some(model.namespace_name()), &of).await };
    let found = cluster.ask(context, find).await?;
    Ok(Ends::seen(found.iter().map(|live| &live.object)))
}

/// Waits until the rollout with this mark is done; gives the number of ready replicas.
pub(super) async fn until_rolled_out<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    model: &Coredns,
    corefile: &Corefile,
    rollout: Rollout,
) -> Result<i64, CorednsError> {
    let (client, call) = cluster.ask(context, |client, call| async move { Ok((client, call)) }).await?;
    let mut wait = Wait {
        context,
        model,
        corefile,
        rollout,
        told: String::new(),
        refused_since: None,
        look_again: None,
        crash: None,
        client,
    };
    let ended = wait.run(&call).await;
    match ended {
        Err(End::Failed(failure)) => Err(wait.explained(failure).await),
        Err(End::Certain(error)) => Err(error),
        Ok(ready) => Ok(ready),
    }
}

struct Wait<'a, D> {
    context: &'a Context<D>,
    model: &'a Coredns,
    corefile: &'a Corefile,
    client: Client,
    rollout: Rollout,
    /// What was told last.
    told: String,
    refused_since: Option<Instant>,
    /// When to judge again, though nothing has changed.
    look_again: Option<Instant>,
    /// The crash whose last words are known.
    crash: Option<(Crash, LastWords)>,
}

enum End {
    /// It cannot heal.
    Certain(CorednsError),
    /// The wait itself ended.
    Failed(Failure),
}

impl<D> Wait<'_, D> {
    async fn run(&mut self, call: &Call) -> Result<i64, End> {
        let mut changes = self.changes(call);
        loop {
            let next = async {
                match self.look_again {
                    Some(end) => tokio::time::timeout_at(end, changes.next()).await.ok(),
                    None => Some(changes.next().await),
                }
            };
            match self.context.run(next).await {
                Err(why) => return Err(End::Failed(self.interrupted(why))),
                Ok(Some(None)) => return Err(End::Failed(self.interrupted(Interrupted::TimedOut))),
                Ok(Some(Some(change))) => {
                    self.see(change.map_err(|error| End::Failed(Failure::of_wait(error, self.told.clone())))?);
                }
                Ok(None) => {}
            }
            if let Some(ready) = self.judge(call).await? {
                return Ok(ready);
            }
        }
    }

    fn changes(&self, call: &Call) -> impl Stream<Item = Result<Change, Error>> + Unpin + Send + use<D> {
        let (namespace, name) = (self.model.namespace_name(), self.model.deployment_name());
        let of = Selector::Fields(format!("metadata.name={name}"));
        let deployment = self.client.watch::<Deployment>(call, namespace, &of).map(|seen| seen.map(Change::Deployment));
        let pods = self.client.watch::<Pod>(call, namespace, &pods(self.model));
        select(deployment, pods.map(|seen| seen.map(Change::Pods)))
    }

    fn see(&mut self, change: Change) {
        match change {
            Change::Deployment(Seen::Lost(why)) | Change::Pods(Seen::Lost(why)) => {
                self.context.progress(&format!("{why}: waiting for the API server to come back"));
            }
            Change::Deployment(seen) => self.rollout.see_deployment(seen),
            Change::Pods(seen) => self.rollout.see_pod(seen),
        }
    }

    async fn judge(&mut self, call: &Call) -> Result<Option<i64>, End> {
        let standing = self.rollout.standing();
        self.look_again = None;
        if !matches!(standing, Standing::Refused(_)) {
            self.refused_since = None;
        }
        let seen = match standing {
            Standing::Done { ready } => return Ok(Some(ready)),
            Standing::NoImage { pod, message } => return Err(End::Certain(CorednsError::Image { pod, message })),
            Standing::Crashed(crash) => self.crashed(call, crash).await?,
            Standing::Refused(message) => {
                let since = *self.refused_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= REFUSALS {
                    return Err(End::Certain(CorednsError::Refused(message)));
                }
                self.look_again = Some(since + REFUSALS);
                message
            }
            Standing::Waiting(seen) => seen,
        };
        if self.told != seen {
            self.context.progress(&format!("waiting for CoreDNS {}: {seen}", self.model.id()));
            self.told = seen;
        }
        Ok(None)
    }

    /// Is it certain that the container will end again?
    async fn crashed(&mut self, call: &Call, crash: Crash) -> Result<String, End> {
        let known = self.crash.as_ref().filter(|(known, words)| *known == crash && words.cause != Cause::Unread);
        let words = match known {
            Some((_, words)) => words.clone(),
            None => self.last_words(call, &crash).await,
        };
        let times = match crash.times {
            0 => "before this apply".to_owned(),
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        let how = format!("ended {times} with exit code {} ({})", crash.exit_code, crash.reason);
        if words.are_certain_after(crash.times) {
            let (told, at) = (words.told(self.corefile), words.argument(self.corefile));
            return Err(End::Certain(CorednsError::Crash { pod: crash.pod, how, told, at }));
        }
        if words.cause == Cause::Unread {
            self.look_again = Some(Instant::now() + AGAIN);
        }
        let last = words.lines.last().cloned().unwrap_or_else(|| words.told(self.corefile));
        let summary = format!("the container of pod {} {how}: {last}", crash.pod);
        self.crash = Some((crash, words));
        Ok(summary)
    }

    /// What the run that ended said. The next run may have begun since, so both logs may be the one.
    async fn last_words(&self, call: &Call, crash: &Crash) -> LastWords {
        let bounds = call.within(AFTERWARDS);
        let mut best: Option<LastWords> = None;
        for previous in [crash.previous, !crash.previous] {
            let namespace = self.model.namespace_name();
            let read = self.client.log(&bounds, namespace, &crash.pod, CONTAINER, previous, LINES).await;
            let Ok(log) = read else { continue };
            let words = last_words(&log, self.corefile);
            if words.cause != Cause::Unclear {
                return words;
            }
            if best.as_ref().is_none_or(|best| best.lines.is_empty()) {
                best = Some(words);
            }
        }
        match best {
            Some(words) if !words.lines.is_empty() => words,
            _ if !crash.message.is_empty() => LastWords::of_kubelet(&crash.message),
            other => other.unwrap_or_else(LastWords::unread),
        }
    }

    fn interrupted(&self, why: Interrupted) -> Failure {
        Failure::Interrupted { what: self.told.clone(), why }
    }

    /// The error of a wait that came to its end: what was seen last, and what the cluster says about it.
    async fn explained(&self, failure: Failure) -> CorednsError {
        let mut seen = self.told.clone();
        if self.context.stop().is_cancelled() {
            return CorednsError::Rollout { seen, failure };
        }
        let bounds = Call::default().within(AFTERWARDS);
        if let Some(pod) = self.rollout.troubled().first()
            && let Ok(events) = self.client.warnings_about(&bounds, self.model.namespace_name(), pod).await
            && let Some(event) = events.last()
            && !seen.contains(event.as_str())
        {
            seen = format!("{seen}; last event of {pod}: {event}");
        }
        if let Some((_, words)) = &self.crash {
            seen = format!("{seen}. {}", words.told(self.corefile));
        }
        CorednsError::Rollout { seen, failure }
    }
}
