//! What every call carries: the provider's data, the stop signal, the deadline, what the client can do, warnings.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::diagnostics::{Diagnostic, Diagnostics};

/// How long work that must not be broken off may still take after the user stopped.
const GRACE: Duration = Duration::from_secs(10);

/// What the client at the other end can do; each call brings its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the protocol")]
pub struct ClientCapabilities {
    /// Deferred results may be returned.
    pub deferral_allowed: bool,
    /// Write-only attributes may be set.
    pub write_only_attributes_allowed: bool,
    /// The plan's private state comes back in the plan at apply time.
    pub store_planned_private: bool,
    /// Computed blocks may be used.
    pub computed_blocks_allowed: bool,
}

/// Why work in flight ended before it was done.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Interrupted {
    /// The user stopped Terraform.
    #[error("stopped")]
    Stopped,
    /// The time ran out. Terraform shows nothing of a provider's progress meanwhile, so the end says where it can be read.
    #[error("timed out (with TF_LOG_PROVIDER=INFO, a run logs what it waits for)")]
    TimedOut,
}

/// The surroundings of one call.
///
/// `D` is what the provider made of its configuration; it is absent where Terraform calls an unconfigured provider
/// (validation, functions, moved state).
#[derive(Debug)]
pub struct Context<D> {
    data: Option<Arc<D>>,
    stop: CancellationToken,
    deadline: Option<Instant>,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
    warnings: Arc<Mutex<Diagnostics>>,
    lacks_settings: Arc<AtomicBool>,
}

impl<D> Clone for Context<D> {
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            stop: self.stop.clone(),
            deadline: self.deadline,
            capabilities: self.capabilities,
            warnings: Arc::clone(&self.warnings),
            lacks_settings: Arc::clone(&self.lacks_settings),
        }
    }
}

impl<D> Context<D> {
    /// The context of one call.
    #[must_use]
    pub fn new(data: Option<Arc<D>>, stop: CancellationToken, capabilities: ClientCapabilities) -> Self {
        let (warnings, lacks_settings) = (Arc::default(), Arc::default());
        Self { data, stop, deadline: None, capabilities, warnings, lacks_settings }
    }

    /// The configured provider.
    ///
    /// # Errors
    /// A diagnostic when Terraform called before it configured the provider.
    pub fn provider(&self) -> Result<&Arc<D>, Diagnostic> {
        self.data.as_ref().ok_or_else(|| {
            Diagnostic::error(
                "The provider is not configured",
                "Terraform requested an operation that needs a configured provider before it configured the provider.",
            )
        })
    }

    /// The same context, ending after `limit` at the latest.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        // What no clock can tell is no limit.
        let ours = Instant::now().checked_add(limit);
        Self { deadline: self.deadline.into_iter().chain(ours).min(), ..self.clone() }
    }

    /// When the time runs out, if it does.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The time that is left; `None` where there is no limit.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Cancelled when the user stops Terraform.
    #[must_use]
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Runs `work` until it is done, the user stops, or the time runs out.
    ///
    /// # Errors
    /// [`Interrupted`] says which of the two ended it.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Interrupted> {
        let time_out = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Interrupted::Stopped),
            done = work => Ok(done),
            () = time_out => Err(Interrupted::TimedOut),
        }
    }

    /// Runs work that must not be broken off once it has begun, such as a write, so that nobody has to guess whether it
    /// happened. It is begun only where the user has not stopped; after a stop it is let finish, and the token that it was
    /// given is cancelled 10 s later, so that it ends by itself and says how far it came.
    ///
    /// # Errors
    /// [`Interrupted::Stopped`] when it was not begun.
    pub async fn finish<T, F>(&self, work: impl FnOnce(CancellationToken) -> F) -> Result<T, Interrupted>
    where
        F: Future<Output = T>,
    {
        if self.stop.is_cancelled() {
            return Err(Interrupted::Stopped);
        }
        let end = CancellationToken::new();
        let overdue = async {
            self.stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
            end.cancel();
            std::future::pending().await
        };
        tokio::select! {
            done = work(end.clone()) => Ok(done),
            never = overdue => never,
        }
    }

    /// Waits, for the next look at something that is waited for.
    ///
    /// # Errors
    /// [`Interrupted`] when the user stops or the time runs out first.
    pub async fn pause(&self, time: Duration) -> Result<(), Interrupted> {
        self.run(tokio::time::sleep(time)).await
    }

    /// Says what is being waited for (INFO, visible with `TF_LOG_PROVIDER=INFO`).
    pub fn progress(&self, message: &str) {
        tracing::info!("{message}");
    }

    /// Tells the user something that is not an error: made by [`Diagnostic::warning`] or [`Diagnostic::into_warning`].
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// Notes, where `is_missing`, that this call needed a setting of the provider that is not there (yet): what it answers is
    /// not the whole truth.
    pub fn note_missing_setting(&self, is_missing: bool) {
        self.lacks_settings.fetch_or(is_missing, Ordering::Relaxed);
    }

    /// Did this call need a setting of the provider that is not there?
    #[must_use]
    pub fn lacks_settings(&self) -> bool {
        self.lacks_settings.load(Ordering::Relaxed)
    }

    /// The warnings so far, for the host, which hands them over with the answer.
    #[must_use]
    pub fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context<()> {
        Context::new(None, CancellationToken::new(), ClientCapabilities::default())
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_deadline_counts() {
        let context = context().within(Duration::from_secs(1)).within(Duration::from_mins(1));
        assert_eq!(context.pause(Duration::from_secs(2)).await, Err(Interrupted::TimedOut));
        assert_eq!(context.time_left(), Some(Duration::ZERO));
    }

    #[test]
    fn a_limit_beyond_every_clock_is_none() {
        assert_eq!(context().within(Duration::MAX).deadline(), None);
        let near = context().within(Duration::from_secs(1));
        assert_eq!(near.within(Duration::MAX).deadline(), near.deadline());
    }

    #[tokio::test]
    async fn a_stop_ends_what_runs() {
        let context = context();
        context.stop().cancel();
        assert_eq!(context.run(std::future::pending::<()>()).await, Err(Interrupted::Stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn what_must_not_be_broken_off_ends_within_its_grace_or_is_not_begun() {
        let context = context();
        let stop = context.stop().clone();
        let began = Instant::now();
        let quick = context.finish(|_| async {
            stop.cancel();
            tokio::time::sleep(Duration::from_secs(9)).await;
            "written"
        });
        assert_eq!(quick.await, Ok("written"), "a stop lets it finish");
        assert_eq!(context.finish(|_| async { "begun" }).await, Err(Interrupted::Stopped));
        let endless = self::context();
        let stop = endless.stop().clone();
        let told = endless.finish(|end| async move {
            stop.cancel();
            end.cancelled().await;
            "given up"
        });
        assert_eq!((told.await, began.elapsed()), (Ok("given up"), Duration::from_secs(19)));
    }

    #[test]
    fn warnings_are_shared_by_copies() {
        let context = context();
        context.clone().warn(Diagnostic::warning("a", "b"));
        assert_eq!(context.take_warnings().iter().count(), 1);
        assert!(context.take_warnings().is_empty());
    }
}
