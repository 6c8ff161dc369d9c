//! The two ways of asking a cluster: looking, which ends soon, and working, which waits until the cluster is ready.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tazlab_clients::kubernetes::{Call, Cause, Client, Error};
use tf_plugin::framework::context::Context;

use super::{Access, Cluster, Failure};

/// How long work that failed rests before it is tried again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest such rest.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The same while webhooks are waited for, which come and say nothing.
const LONGEST_PAUSE_OF_WEBHOOKS: Duration = Duration::from_secs(3);

/// How long something may still be asked when all else has ended.
const AFTERWARDS: Duration = Duration::from_secs(3);

impl Cluster {
    /// What is missing of the way to the cluster, if anything is.
    ///
    /// # Errors
    /// [`Failure::Unknown`] or [`Failure::Empty`], with the names of the arguments.
    pub fn is_named(&self) -> Result<(), Failure> {
        let Access { unknown, empty, .. } = &self.access;
        if !unknown.is_empty() {
            return Err(Failure::Unknown(unknown.join(", ")));
        }
        if !empty.is_empty() {
            return Err(Failure::Empty(empty.join(", ")));
        }
        Ok(())
    }

    pub(super) async fn client(&self) -> Result<&Client, Failure> {
        self.is_named()?;
        self.client
            .get_or_try_init(|| async {
                let access = self.access.clone();
                let settings = tokio::task::spawn_blocking(move || access.resolve())
                    .await
                    .map_err(|_| Failure::Empty("a credential".to_owned()))??;
                Ok(Client::new(settings))
            })
            .await
    }

    /// Asks within `connect_timeout`: for refresh, plan and the beginning of a delete.
    ///
    /// # Errors
    /// [`Failure`]; at once where the server was found unreachable a moment ago.
    pub async fn look<D, T, F>(&self, context: &Context<D>, ask: impl FnOnce(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let client = self.client().await.inspect_err(|failure| context.note_missing_setting(failure.is_gap()))?;
        if let Some(failure) = self.outage.lately() {
            return Err(failure);
        }
        let call = Call::new(context.stop().clone(), context.deadline()).within(self.connect_timeout);
        let answer = ask(client.clone(), call).await.map_err(|error| match *error.cause {
            Cause::TimedOut { last: None } => Failure::NoAnswer { limit: self.connect_timeout },
            _ => Failure::from(error),
        });
        if let Err(failure) = &answer
            && failure.is_unreachable()
        {
            self.outage.remember(failure.clone());
        }
        answer
    }

    /// Asks for a few seconds, also when the user has stopped: for what must still be found out.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn look_after_all<T, F>(&self, ask: impl FnOnce(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        Ok(ask(self.client().await?.clone(), Call::default().within(AFTERWARDS)).await?)
    }

    /// One request of a piece of work, until the context's own deadline.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask<D, T, F>(&self, context: &Context<D>, ask: impl FnOnce(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let client = self.client().await.inspect_err(|failure| context.note_missing_setting(failure.is_gap()))?;
        Ok(ask(client.clone(), Call::new(context.stop().clone(), context.deadline())).await?)
    }

    /// One request that changes something, see [`Context::finish`]. Where the webhooks that decide about it cannot be asked yet,
    /// nothing was changed, and it is made again until the context's deadline.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn change<D, T, F>(&self, context: &Context<D>, ask: impl Fn(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let client = self.client().await?;
        let request = |end| ask(client.clone(), Call::new(end, context.deadline()));
        let mut pause = FIRST_PAUSE;
        let mut refused: Option<Failure> = None;
        loop {
            let failure = match context.finish(&request).await {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(error)) => Failure::from(error),
                // What stood in the way says more than that the time is over.
                Err(why) => {
                    let not_begun = || Failure::Interrupted { what: "nothing was changed".to_owned(), why };
                    return Err(refused.unwrap_or_else(not_begun));
                }
            };
            if !failure.is_webhook_not_ready() {
                return Err(failure);
            }
            context.progress(&format!("{failure}: waiting until it is"));
            if context.run(tokio::time::sleep(pause)).await.is_err() {
                return Err(failure);
            }
            refused = Some(failure);
            pause = (pause * 2).min(LONGEST_PAUSE_OF_WEBHOOKS);
        }
    }

    /// Does `attempt` once the API server is ready, and again when the server went away in the middle, until the
    /// context's deadline. `attempt` must be safe to repeat.
    ///
    /// # Errors
    /// What `attempt` failed with, or why the wait ended.
    pub async fn work<D: Send + Sync, T, E, F>(
        &self,
        context: &Context<D>,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Failure> + AsFailure,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            self.wait_ready(context).await?;
            let error = match attempt().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let again = error.as_failure().is_some_and(Failure::may_return)
                && !context.stop().is_cancelled()
                && context.time_left() != Some(Duration::ZERO);
            if !again {
                return Err(error);
            }
            let webhook = error.as_failure().is_some_and(Failure::is_webhook_not_ready);
            let (what, longest) = if webhook {
                ("waiting until it is", LONGEST_PAUSE_OF_WEBHOOKS)
            } else {
                self.ready.store(false, Ordering::Relaxed);
                ("waiting for the API server to come back", LONGEST_PAUSE)
            };
            let why = error.as_failure().map(ToString::to_string).unwrap_or_default();
            context.progress(&format!("{why}: {what}"));
            // A server may refuse one request while it says that it is ready.
            if context.run(tokio::time::sleep(pause)).await.is_err() {
                return Err(error);
            }
            pause = (pause * 2).min(longest);
        }
    }

    async fn wait_ready<D: Send + Sync>(&self, context: &Context<D>) -> Result<(), Failure> {
        if self.ready.load(Ordering::Relaxed) {
            return Ok(());
        }
        let client = self.client().await?;
        let call = Call::new(context.stop().clone(), context.deadline());
        client.wait_ready(&call, |seen| context.progress(seen)).await?;
        self.ready.store(true, Ordering::Relaxed);
        self.outage.forget();
        Ok(())
    }
}

/// An error that may be a cluster's failure.
pub trait AsFailure {
    /// The failure, if it is one.
    fn as_failure(&self) -> Option<&Failure>;
}

impl AsFailure for Failure {
    fn as_failure(&self) -> Option<&Failure> {
        Some(self)
    }
}

impl Failure {
    /// Was it that a webhook could not be asked yet?
    #[must_use]
    pub fn is_webhook_not_ready(&self) -> bool {
        self.cause().is_some_and(Cause::is_webhook_not_ready)
    }

    /// Was the server, or what it has to ask, there and did it go away? Then it may come back.
    fn may_return(&self) -> bool {
        match self.cause() {
            // Admission is asked for changes alone, which are made again where they are made.
            Some(Cause::Unreachable { .. } | Cause::Overloaded { .. } | Cause::ConversionNotReady { .. }) => true,
            // An API server that is starting or ending answers so for a moment.
            Some(Cause::Api { code, .. }) => (500..=599).contains(code),
            _ => false,
        }
    }
}
