//! The wait: from the first look on, one watch for each kind, until everything is ready or nothing helps any more.

use std::time::Duration;

use futures::stream::{BoxStream, SelectAll};
use futures::{FutureExt, StreamExt};
use tazlab_clients::kubernetes::{Call, Cause, Client, Error, Kind};
use tf_plugin::framework::context::{Context, Interrupted};
use thiserror::Error;
use tokio::time::Instant;

use super::causes::explain;
use super::kind::ObjectKind;
use super::look::{self, Bounds, Listed, Look, with_type};
use super::objects::{self, Observed};
use super::picture::{Known, Picture, Told};
use super::report::Report;
use super::wanted::Wanted;
use crate::cluster::{AsFailure, Cluster, Failure};

/// How often is looked at what no watch tells: kinds that are not served yet, and the pods of what is not ready.
const TICK: Duration = Duration::from_secs(1);

/// How long changes are gathered before it is looked what they mean.
const GATHER: Duration = Duration::from_millis(50);

/// How often it is said what is being waited for, where nothing changes.
const PROGRESS: Duration = Duration::from_secs(10);

/// How often pods are looked at.
const PODS: Duration = Duration::from_secs(5);

/// For how long something must have been given up before the wait ends: a newborn cluster corrects itself.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why the wait ended before everything was ready.
#[derive(Debug, Error)]
pub enum WaitError {
    /// The time is over, or the user stopped.
    #[error("{why}: {}", report.summary())]
    Interrupted {
        /// What was seen last.
        report: Box<Report>,
        /// Which of both.
        why: Interrupted,
    },
    /// Something cannot become ready by itself.
    #[error("waiting cannot help: {}", report.summary())]
    Hopeless {
        /// What was seen last.
        report: Box<Report>,
    },
    /// The cluster could not be asked.
    #[error("{0}")]
    Cluster(#[from] Failure),
}

impl AsFailure for WaitError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Cluster(failure) => Some(failure),
            _ => None,
        }
    }
}

/// Waits until everything is ready, and has just been seen to be.
///
/// # Errors
/// [`WaitError`]; with a report as soon as there was a first look.
pub async fn wait<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    wanted: &Wanted,
) -> Result<Report, WaitError> {
    let first = look::look(cluster, context, wanted, Bounds::Work).await?;
    let mut wait = Wait::begun(cluster, context, wanted, first).await?;
    loop {
        if wait.report.is_ready() {
            if !wait.has_watched {
                return Ok(wait.report);
            }
            // One kind's watch may be ahead of another's: what a Kustomization has just made need not be seen yet.
            let again =
                look::look(cluster, context, wanted, Bounds::Work).await.map_err(|failure| wait.ended(failure))?;
            wait = Wait::begun(cluster, context, wanted, again).await?;
            if wait.report.is_ready() {
                return Ok(wait.report);
            }
        }
        wait.step().await?;
    }
}

type Watches = SelectAll<BoxStream<'static, (ObjectKind, Result<Told, Error>)>>;

/// A wait at work.
struct Wait<'a, D> {
    cluster: &'a Cluster,
    context: &'a Context<D>,
    wanted: &'a Wanted,
    picture: Picture,
    report: Report,
    watches: Watches,
    has_watched: bool,
    told: (Instant, String),
    looked: Instant,
    pods_seen: Option<Instant>,
    hopeless_since: Option<Instant>,
}

impl<'a, D: Send + Sync> Wait<'a, D> {
    async fn begun(
        cluster: &'a Cluster,
        context: &'a Context<D>,
        wanted: &'a Wanted,
        look: Look,
    ) -> Result<Self, WaitError> {
        let mut wait = Self {
            cluster,
            context,
            wanted,
            report: Report::of(&look.picture, wanted),
            picture: look.picture,
            watches: SelectAll::new(),
            has_watched: false,
            told: (Instant::now(), String::new()),
            looked: Instant::now(),
            pods_seen: None,
            hopeless_since: None,
        };
        if !wait.report.is_ready() {
            for (kind, api, version) in look.versions {
                wait.watch(kind, &api, version).await?;
            }
            wait.progress();
        }
        Ok(wait)
    }

    async fn watch(&mut self, kind: ObjectKind, api: &Kind, version: Option<String>) -> Result<(), Failure> {
        let (namespace, selector) = look::scope(self.wanted, kind);
        let target = self.wanted.target(kind).cloned();
        let open = |client: Client, call: Call| async move {
            let (place, meant) = (namespace.as_deref(), selector.as_ref());
            Ok(with_type!(kind, Read => {
                let parts = client.watch_parts::<Read>(&call, api, place, meant, version);
                let told = parts.map(move |seen| {
                    (kind, seen.map(|seen| Told::of(seen, |part| part.0.judged(target.as_deref()))))
                });
                told.boxed()
            }))
        };
        self.watches.push(self.cluster.ask(self.context, open).await?);
        Ok(())
    }

    /// Waits for the next thing to happen, and takes all that has happened by then.
    async fn step(&mut self) -> Result<(), WaitError> {
        self.has_watched = true;
        // However much happens, what no watch tells has its turn.
        let tick = self.looked + TICK;
        let happened = self.context.run(async {
            tokio::select! {
                Some(happened) = self.watches.next() => Some(happened),
                () = tokio::time::sleep_until(tick) => None,
            }
        });
        match happened.await {
            Err(why) => return Err(self.interrupted(why)),
            Ok(Some((kind, seen))) => {
                self.take(kind, seen)?;
                // Changes come in crowds: they are looked at together.
                self.context.pause(GATHER).await.map_err(|why| self.interrupted(why))?;
            }
            Ok(None) => {}
        }
        while let Some(Some((kind, seen))) = self.watches.next().now_or_never() {
            self.take(kind, seen)?;
        }
        if self.looked.elapsed() >= TICK {
            self.look_around().await?;
            self.looked = Instant::now();
        }
        self.report = Report::of(&self.picture, self.wanted);
        self.progress();
        self.give_up().await
    }

    fn take(&mut self, kind: ObjectKind, seen: Result<Told, Error>) -> Result<(), WaitError> {
        match seen {
            Ok(Told::Lost(why)) => self.context.progress(&format!("{why}: waiting for the API server to come back")),
            Ok(told) => self.picture.see(kind, told),
            // The watch has ended, and a tick begins another.
            Err(error) => match *error.cause {
                Cause::NotFound => self.picture.know(kind, Known::Absent),
                Cause::Forbidden { .. } => {
                    self.picture.know(kind, Known::Hidden { why: error.to_string(), is_final: true });
                }
                _ => return Err(self.ended(error.into())),
            },
        }
        Ok(())
    }

    /// Looks at what no watch tells.
    async fn look_around(&mut self) -> Result<(), WaitError> {
        if self.picture.api_server.is_some() {
            let seen = look::api_server(self.cluster, self.context, Bounds::Work).await;
            self.picture.api_server = seen.map_err(|failure| self.ended(failure))?;
        }
        let unseen = self.picture.unseen();
        if !unseen.is_empty() || self.picture.awaits_serving() {
            let served = look::served(self.cluster, self.context, Bounds::Work).await;
            self.picture.served = served.map_err(|failure| self.ended(failure))?;
        }
        for kind in unseen {
            let listed = look::one(self.cluster, self.context, self.wanted, kind, &self.picture.served, Bounds::Work);
            match listed.await.map_err(|failure| self.ended(failure))? {
                Listed::Not(known) => self.picture.know(kind, known),
                Listed::All { api, sightings, version } => {
                    self.picture.see(kind, Told::All(sightings));
                    self.watch(kind, &api, version).await?;
                }
            }
        }
        if self.pods_seen.is_none_or(|seen| seen.elapsed() >= PODS) {
            self.look_at_pods().await;
        }
        Ok(())
    }

    async fn look_at_pods(&mut self) {
        explain(self.cluster, self.context, &mut self.picture, self.wanted, Bounds::Work).await;
        self.pods_seen = Some(Instant::now());
    }

    fn progress(&mut self) {
        let summary = self.report.summary();
        let (since, last) = &self.told;
        if summary != *last || since.elapsed() >= PROGRESS {
            let first = self.report.problems().first().map_or("reading once more", String::as_str);
            self.context.progress(&format!("waiting: {summary}; {first}"));
            self.told = (Instant::now(), summary);
        }
    }

    async fn give_up(&mut self) -> Result<(), WaitError> {
        if !self.report.is_hopeless() {
            self.hopeless_since = None;
            return Ok(());
        }
        if self.hopeless_since.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
            return Ok(());
        }
        // Pods are looked at now and then only: what they say by now is what is told, and may change the matter.
        self.look_at_pods().await;
        self.report = Report::of(&self.picture, self.wanted);
        if !self.report.is_hopeless() {
            self.hopeless_since = None;
            return Ok(());
        }
        Err(WaitError::Hopeless { report: Box::new(self.report.clone()) })
    }

    fn interrupted(&self, why: Interrupted) -> WaitError {
        WaitError::Interrupted { report: Box::new(Report::of(&self.picture, self.wanted)), why }
    }

    /// A failure that is the end of the wait is told as such.
    fn ended(&self, failure: Failure) -> WaitError {
        match failure.cause() {
            Some(Cause::Stopped) => self.interrupted(Interrupted::Stopped),
            Some(Cause::TimedOut { .. }) => self.interrupted(Interrupted::TimedOut),
            _ => failure.into(),
        }
    }
}
