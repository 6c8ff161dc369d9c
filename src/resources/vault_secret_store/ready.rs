//! When a store is ready: by its controller's own condition, which it sets after a login to Vault.

use std::time::Duration;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Call, Client, Untyped};
use tf_plugin::framework::context::Context;
use tokio::time::Instant;

use super::errors::StoreError;
use super::model::VaultSecretStore as Model;
use super::object::desired;
use crate::cluster::Cluster;
use crate::cluster::condition::Condition;
use crate::cluster::object::{Place, Stalled, Standing, Step, Writer, put};

/// The condition that the controller keeps.
const READY: &str = "Ready";

/// What the controller says where it could not even begin to log in. Why not stands in its events only
/// (external-secrets v0.18.2, `pkg/controllers/secretstore/common.go`).
const WITHOUT_CAUSE: &str = "InvalidProviderConfig";

/// The annotation whose change makes the controller look again.
const NUDGED: &str = "tazlab.io/looked-again";

/// How often the controller is asked to look again at a store that is not ready. Its own pauses between two looks grow
/// beyond what anybody waits for.
const NUDGE: Duration = Duration::from_secs(30);

/// How long a store that was ready before a change must stay so: its condition does not say which change it is about.
const SETTLED: Duration = Duration::from_secs(5);

/// How long the question for events may take.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// What a look at the store means. `doubted_until` is when a store that was ready before is believed to be so still.
pub(super) fn standing(title: &str, store: &Json, doubted_until: Option<Instant>) -> Standing {
    match Condition::of(store, READY) {
        Some(ready) if ready.holds() => match doubted_until {
            Some(end) if Instant::now() < end => Standing::Waiting(format!("{title} was ready before the change")),
            _ => Standing::Done,
        },
        // A newborn cluster heals: the login may work as soon as what is on the way to Vault is there.
        Some(ready) => Standing::Waiting(format!("{title}: {ready}")),
        None => Standing::Waiting(format!("{title}: the controller has not processed it yet")),
    }
}

/// A store that was written just now.
pub(super) struct Young<'a, D> {
    pub(super) cluster: &'a Cluster,
    pub(super) context: &'a Context<D>,
    pub(super) writer: &'a Writer<'a, D>,
    pub(super) place: &'a Place,
    pub(super) model: &'a Model,
    /// It was ready before, and its specification has changed since.
    pub(super) was_ready: bool,
    pub(super) uid: &'a str,
}

impl<D: Send + Sync> Young<'_, D> {
    /// Waits until the controller finds the store ready, and makes it look again now and then.
    pub(super) async fn until_ready(&self) -> Result<(), StoreError> {
        let title = self.model.title();
        let mut doubted_until = self.was_ready.then(|| Instant::now() + SETTLED);
        let mut vigil = self.cluster.wait_at(self.context, self.place).await?;
        let mut last = None;
        for count in 1_u32.. {
            let next_nudge = Instant::now() + NUDGE;
            loop {
                let judge = |store: &Json| {
                    last = Condition::of(store, READY);
                    standing(&title, store, doubted_until)
                };
                let tick = doubted_until.unwrap_or(next_nudge).min(next_nudge);
                match vigil.until(judge, Some(tick)).await {
                    Ok(Step::Done(_)) => return Ok(()),
                    // It has stayed ready, or it has not: the next look decides.
                    Ok(Step::NotYet) if doubted_until.take().is_some() => {}
                    Ok(Step::NotYet) => break,
                    Err(Stalled::Ended(failure)) => {
                        let seen = self.explained(last.as_ref()).await;
                        return Err(StoreError::NotReady { seen, failure });
                    }
                    Err(Stalled::Hopeless(seen)) => return Err(StoreError::Refused(seen)),
                }
            }
            self.context.progress(&format!("{title}: requesting a reconciliation from its controller"));
            self.nudge(count).await?;
        }
        Ok(())
    }

    /// Changes an annotation, which the controller takes for a reason to look.
    async fn nudge(&self, count: u32) -> Result<(), StoreError> {
        let nudged = |_: Option<&Untyped>| {
            let mut store = desired(self.model);
            put(&mut store, &["metadata", "annotations", NUDGED], count.to_string());
            store
        };
        self.writer.write(self.place, nudged).await?;
        Ok(())
    }

    /// What the controller said last, with its event where the condition alone does not say why.
    async fn explained(&self, last: Option<&Condition>) -> String {
        let Some(ready) = last else { return "its controller has not processed it; is it running?".to_owned() };
        let told = ready.to_string();
        if ready.reason != WITHOUT_CAUSE || self.context.stop().is_cancelled() {
            return told;
        }
        let namespace = self.place.namespace.as_deref().unwrap_or("default");
        let bounds = Call::default().within(AFTERWARDS);
        let ask = |client: Client, _| async move { client.warnings_about_uid(&bounds, namespace, self.uid).await };
        match self.cluster.ask(self.context, ask).await.ok().and_then(|events| events.last().cloned()) {
            Some(event) => format!("{told}: {event}"),
            None => told,
        }
    }
}
