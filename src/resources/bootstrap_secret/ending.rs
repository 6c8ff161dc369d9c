//! How a write ends: what is stored of it, what a create that failed leaves behind, and whose the Secret was before.

use std::sync::PoisonError;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{Client, Live};
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::resource::{Outcome, State};

use super::model::BootstrapSecret as Model;
use super::plan::as_attribute;
use super::write::{Work, Written};
use super::{NAMESPACE_INSTANCE, owner, proposed, provided};
use crate::cluster::instance;
use crate::cluster::object::{adopted, perhaps_changed};
use crate::cluster::provenance::{self, Provenance};
use crate::promised;

/// How far a write has come, whatever becomes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// The Secret was written, or may have been.
    pub(super) wrote: bool,
    /// It was there before, under another mark or none.
    pub(super) existed: bool,
    pub(super) provenance: Option<Provenance>,
}

/// What a look finds after a create that failed.
enum Afterwards {
    /// The Secret with our mark.
    Ours(Box<Live<Secret>>),
    /// A Secret without it.
    Others,
    /// None, or nobody knows.
    Unknown,
}

impl Work<'_> {
    pub(super) async fn state(&self, written: &Written) -> Result<State<Model>, PrivateError> {
        let planned = &self.change.planned;
        let mut state = State { model: planned.clone(), private: self.change.private.clone() };
        // What the plan left open is told now; what it promised holds.
        if planned.changed_keys.is_unknown() {
            state.model.changed_keys = as_attribute(written.changed_keys.iter().map(String::as_str));
        }
        if planned.owner.is_unknown() {
            state.model.owner = owner::of(&written.live, planned.takers()).into();
        }
        if planned.uid.is_unknown() {
            state.model.uid = written.live.object.metadata.uid.clone().into();
        }
        proposed::forget(&mut state.private);
        promised::forget(&mut state.private);
        if let Some(record) = &written.provided {
            provided::keep(&mut state.private, record)?;
        }
        self.keep(&mut state.private, written.instance.as_deref(), written.namespace.as_deref()).await?;
        Ok(state)
    }

    async fn keep(
        &self,
        private: &mut Private,
        instance: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<(), PrivateError> {
        instance::keep(private, instance)?;
        private.set_or_remove(NAMESPACE_INSTANCE, namespace)?;
        Provenance::keep(self.progress().provenance, private)?;
        self.provider.cluster.record_origin(self.context, private).await
    }

    /// How a write that failed ends. A create that has made something, or may have, is in the state, tainted: the next apply
    /// recreates it, and a destroy takes it away. What was there before is never tainted; the next create adopts it.
    pub(super) async fn what_exists(&self, diagnostics: Diagnostics) -> Outcome<Model> {
        let (planned, progress) = (&self.change.planned, self.progress());
        let title = format!("Secret {}", planned.id());
        if self.change.prior.is_some() {
            return Outcome::Unchanged(diagnostics);
        }
        if progress.wrote && progress.existed {
            self.context.warn(perhaps_changed(&title));
            return Outcome::Unchanged(diagnostics);
        }
        if !progress.wrote && self.birth.id().is_none() {
            return Outcome::Unchanged(diagnostics);
        }
        let mut state = State { model: planned.clone(), private: self.change.private.clone() };
        let live = match self.look_afterwards().await {
            // The write was of what must not exist: it has changed nothing of others'.
            Afterwards::Others if self.birth.id().is_none() => return Outcome::Unchanged(diagnostics),
            Afterwards::Ours(live) => Some(live),
            Afterwards::Others | Afterwards::Unknown => None,
        };
        let detail = match (&live, self.birth.id()) {
            (Some(_), _) => format!("{title} was written before this create failed."),
            (None, _) if progress.wrote => {
                format!("The response to the request that creates {title} was lost: it may exist.")
            }
            (None, _) => {
                format!("Namespace {} was created for {title}, which does not exist.", planned.namespace_name())
            }
        };
        let detail = format!("{detail} It is in the state: the next apply replaces it, and a destroy deletes it.");
        self.context.warn(Diagnostic::warning("A failed create left objects behind", detail));
        state.model.uid = live.and_then(|live| live.object.metadata.uid).into();
        match self.keep(&mut state.private, Some(&self.fresh), self.birth.id()).await {
            Ok(()) => Outcome::Partial(state, diagnostics),
            Err(error) => {
                let mut all = diagnostics;
                all.push(Diagnostic::from(error));
                Outcome::Partial(state, all)
            }
        }
    }

    /// Whose Secret is there now. The user may have stopped, so that nothing else is asked any more.
    async fn look_afterwards(&self) -> Afterwards {
        let (namespace, name) = (self.change.planned.namespace_name(), self.change.planned.secret_name());
        let get = |client: Client, call| async move { client.get_secret(&call, namespace, name).await };
        let Ok(Some(live)) = self.provider.cluster.look_after_all(get).await else { return Afterwards::Unknown };
        let is_ours = instance::on(&live.object.metadata) == Some(self.fresh.as_str());
        if is_ours { Afterwards::Ours(Box::new(live)) } else { Afterwards::Others }
    }

    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, note: impl FnOnce(&mut Progress)) {
        note(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// How the Secret comes to be managed, by what is seen before the write; `None` where nothing changes about that.
    pub(super) fn found(&self, live: Option<&Live<Secret>>) -> Option<Provenance> {
        let Some(live) = live else { return Some(Provenance::Made) };
        let mark = instance::on(&live.object.metadata);
        let known = [Some(self.fresh.as_str()), self.kept.as_deref().filter(|_| self.change.prior.is_some())];
        if mark.is_some() && known.contains(&mark) {
            // Made by a write whose answer was lost.
            let made = mark == known[0] && !self.progress().existed;
            return made.then_some(Provenance::Made);
        }
        self.note(|progress| progress.existed = true);
        // The first update after an import takes over what the user said is to be managed here.
        let taken_in = self.change.prior.is_some() && self.kept.is_none();
        (!taken_in).then(|| match provenance::owners_below(&live.managers, "data", Some(Provenance::Made)).as_slice() {
            [] => Provenance::found(&live.object.metadata, &live.managers, mark),
            _ => Provenance::Adopted,
        })
    }

    /// Was the Secret others' before?
    pub(super) fn is_adopted(&self, live: Option<&Live<Secret>>, found: Option<Provenance>) -> bool {
        let known = found.or(self.progress().provenance);
        live.is_some_and(|live| Provenance::of(known, &live.object.metadata) == Some(Provenance::Adopted))
    }

    /// Records a Secret that existed although it must not have, on a server that does not keep to that: see
    /// [`Apply::create_only`](tazlab_clients::kubernetes::Apply::create_only). What it was before is not known any more.
    pub(super) fn note_unforeseen(&self, written: &Live<Secret>) {
        self.note(|progress| progress.existed = true);
        self.settle(Some(written), Some(Provenance::Adopted));
    }

    /// Keeps how the Secret has come to be managed, and says where it was others'.
    pub(super) fn settle(&self, live: Option<&Live<Secret>>, found: Option<Provenance>) {
        let Some(found) = found else { return };
        self.note(|progress| progress.provenance = Some(found));
        if let Some(live) = live.filter(|_| found == Provenance::Adopted) {
            let others = provenance::owners_below(&live.managers, "data", Some(found));
            self.context.warn(adopted(&format!("Secret {}", self.change.planned.id()), &others));
        }
    }
}
