//! Watching something until it is as it should be: says what is being waited for, and what was seen last when it ends.

use futures::StreamExt;
use futures::stream::BoxStream;
use tazlab_clients::kubernetes::{Error, Seen, Selector};
use tf_plugin::framework::context::{Context, Interrupted};
use tokio::time::Instant;

use super::Failure;

/// A wait for objects of kind `K`, until the context's deadline.
pub struct Vigil<'a, D, K> {
    context: &'a Context<D>,
    changes: BoxStream<'static, Result<Seen<K>, Error>>,
    told: String,
}

/// Selects one object by its name.
#[must_use]
pub fn named(name: &str) -> Selector {
    Selector::Fields(format!("metadata.name={name}"))
}

impl<D, K> std::fmt::Debug for Vigil<'_, D, K> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Vigil").field("told", &self.told).finish_non_exhaustive()
    }
}

impl<'a, D, K> Vigil<'a, D, K> {
    /// A wait that listens to these changes.
    #[must_use]
    pub fn new(context: &'a Context<D>, changes: BoxStream<'static, Result<Seen<K>, Error>>) -> Self {
        Self { context, changes, told: String::new() }
    }

    /// The next change; `None` when there was none by `patience`. That the server went away is told as progress.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] with what was told last, and what waiting cannot mend.
    pub async fn next(&mut self, patience: Option<Instant>) -> Result<Option<Seen<K>>, Failure> {
        let changes = &mut self.changes;
        let next = async {
            match patience {
                Some(end) => tokio::time::timeout_at(end, changes.next()).await.ok(),
                None => Some(changes.next().await),
            }
        };
        match self.context.run(next).await {
            Err(why) => Err(self.interrupted(why)),
            Ok(None) => Ok(None),
            Ok(Some(None)) => Err(self.interrupted(Interrupted::TimedOut)),
            Ok(Some(Some(Err(error)))) => Err(self.ended(error)),
            Ok(Some(Some(Ok(seen)))) => {
                if let Seen::Lost(why) = &seen {
                    self.context.progress(&format!("{why}: waiting for the API server to come back"));
                }
                Ok(Some(seen))
            }
        }
    }

    /// Says what is being waited for, once.
    pub fn tell(&mut self, seen: String) {
        if self.told != seen {
            self.context.progress(&format!("waiting: {seen}"));
            self.told = seen;
        }
    }

    /// What was told last.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.told
    }

    /// The end of the wait.
    #[must_use]
    pub fn interrupted(&self, why: Interrupted) -> Failure {
        Failure::Interrupted { what: self.told.clone(), why }
    }

    /// The end of the wait by an error of the API.
    #[must_use]
    pub fn ended(&self, error: Error) -> Failure {
        Failure::of_wait(error, self.told.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::stream;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use tf_plugin::framework::context::ClientCapabilities;

    fn context() -> Context<()> {
        Context::new(None, CancellationToken::new(), ClientCapabilities::default())
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_at_its_deadline_with_what_was_seen_last() {
        let context = context().within(Duration::from_secs(5));
        let mut vigil: Vigil<'_, (), ()> = Vigil::new(&context, stream::pending().boxed());
        vigil.tell("the store is not ready".to_owned());
        let soon = Instant::now() + Duration::from_secs(1);
        assert!(vigil.next(Some(soon)).await.unwrap().is_none(), "patience ends before the wait does");
        let failure = vigil.next(None).await.unwrap_err();
        let told = failure.to_string();
        assert!(
            told.starts_with("the store is not ready: timed out") && told.contains("TF_LOG_PROVIDER=INFO"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn a_stop_ends_it() {
        let context = context();
        context.stop().cancel();
        let mut vigil: Vigil<'_, (), ()> = Vigil::new(&context, stream::pending().boxed());
        assert!(matches!(vigil.next(None).await, Err(Failure::Interrupted { why: Interrupted::Stopped, .. })));
    }
}
