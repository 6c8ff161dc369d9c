//! Waiting for a rollout, by watching: it ends when all replicas are new and ready, or as soon as it is certain that
//! they will not be.

use std::time::Duration;

use futures::stream::select;
use futures::{Stream, StreamExt};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use tokio::time::Instant;

use super::container::{LastWords, last_words};
use super::corefile::Corefile;
use super::errors::CorednsError;
use super::model::Coredns;
use super::objects::{APP, CONTAINER};
use super::rollout::{Crash, Rollout, Standing};
use crate::clients::kubernetes::{Call, Client, Error, Seen, Selector};
use crate::cluster::{Cluster, Failure};
use crate::framework::context::{Context, Interrupted};

/// How long the API server may refuse pods before it is believed: a moment after its ServiceAccount is made, it may
/// not know of it yet.
const REFUSALS: Duration = Duration::from_secs(5);

/// How much of a log is read.
const LINES: u32 = 30;

/// How long the last question of a wait that is over may take.
const AFTERWARDS: Duration = Duration::from_secs(3);

enum Change {
    Deployment(Seen<Deployment>),
    Pods(Seen<Pod>),
}

/// Waits until the rollout with this mark is done; gives the number of ready replicas.
pub(super) async fn until_rolled_out<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    model: &Coredns,
    corefile: &Corefile,
    checksum: String,
) -> Result<i64, CorednsError> {
    let (client, call) = cluster.ask(context, |client, call| async move { Ok((client, call)) }).await?;
    let mut wait = Wait {
        context,
        model,
        corefile,
        rollout: Rollout::new(checksum),
        told: String::new(),
        refused_since: None,
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
            // A refusal is looked at again when it has lasted; nothing else is, without a change.
            let patience = self.refused_since.map(|since| since + REFUSALS);
            let next = async {
                match patience {
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
        let of = Selector::Labels(format!("{APP}={}", self.model.service()));
        let pods = self.client.watch::<Pod>(call, namespace, &of).map(|seen| seen.map(Change::Pods));
        select(deployment, pods)
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
        if !matches!(standing, Standing::Refused(_)) {
            self.refused_since = None;
        }
        let seen = match standing {
            Standing::Done { ready } => return Ok(Some(ready)),
            Standing::NoImage { pod, message } => return Err(End::Certain(CorednsError::Image { pod, message })),
            Standing::Crashed(crash) => self.crashed(call, crash).await?,
            Standing::Refused(message) => {
                if self.refused_since.get_or_insert_with(Instant::now).elapsed() >= REFUSALS {
                    return Err(End::Certain(CorednsError::Refused(message)));
                }
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

    /// Is it certain that the container will end again? A configuration that cannot be read never heals, and what
    /// ended twice for no passing reason will not either.
    async fn crashed(&mut self, call: &Call, crash: Crash) -> Result<String, End> {
        let known = self.crash.as_ref().filter(|(known, _)| known.pod == crash.pod && known.times == crash.times);
        let words = match known {
            Some((_, words)) => words.clone(),
            None => last_words(&self.log(call, &crash).await, self.corefile),
        };
        let how = format!(
            "ended {} with exit code {} ({})",
            if crash.times == 1 { "once".to_owned() } else { format!("{} times", crash.times) },
            crash.exit_code,
            crash.reason
        );
        let summary =
            format!("the container of pod {} {how}: {}", crash.pod, words.lines.last().cloned().unwrap_or_default());
        if words.certain || (crash.times > 1 && !words.passes) {
            let (told, at) = (words.told(self.corefile), words.argument(self.corefile));
            return Err(End::Certain(CorednsError::Crash { pod: crash.pod, how, told, at }));
        }
        self.crash = Some((crash, words));
        Ok(summary)
    }

    /// The log of the run that ended. The next run may have begun since; one that is not to be had is empty.
    async fn log(&self, call: &Call, crash: &Crash) -> String {
        let bounds = call.within(AFTERWARDS);
        for previous in [crash.previous, !crash.previous] {
            let namespace = self.model.namespace_name();
            let read = self.client.log(&bounds, namespace, &crash.pod, CONTAINER, previous, LINES).await;
            if let Ok(log) = read
                && !log.trim().is_empty()
            {
                return log;
            }
        }
        String::new()
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
