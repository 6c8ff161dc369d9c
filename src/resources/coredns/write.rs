//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use futures::future::join_all;
use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Apply, Cause, Live, Preconditions, Propagation, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::resource::{Change, Outcome, State};
use tf_plugin::framework::value::Value;
use tokio::sync::OnceCell;

use super::corefile::Corefile;
use super::errors::CorednsError;
use super::model::Coredns as Model;
use super::objects::Wanted;
use super::parts::Part;
use super::plan::no_replicas;
use super::read::title;
use super::rollout::{Ends, Rollout};
use super::sight::{Sight, look_closely, of_owners};
use super::{TIMEOUTS, adoption, scale, succession, talos, verify, wait};
use crate::cluster::object::perhaps_changed;
use crate::cluster::{Failure, instance};
use crate::configured::Configured;

/// One write's surroundings.
struct Work<'a> {
    context: &'a Context<Configured>,
    provider: &'a Configured,
    planned: &'a Model,
    corefile: Corefile,
    /// What the configuration asks for; `None` where others scale.
    replicas: Option<i64>,
    /// The mark on the objects.
    id: String,
    /// Something was there before and is ours from now on.
    adopted: AtomicBool,
    /// It was imported, and this is its first update.
    imported: bool,
    /// The objects that were others' before.
    of_others: Mutex<BTreeSet<Part>>,
    /// Something was written.
    wrote: AtomicBool,
    /// How often containers had ended before anything was written, also where the write is repeated.
    ends: OnceCell<Ends>,
}

/// What a write leaves behind.
struct Written {
    uid: Option<String>,
    ready: i64,
}

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).create;
    write(&context.within(limit), change).await
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).update;
    write(&context.within(limit), change).await
}

async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let planned = &change.planned;
    let (provider, work) = match begun(context, &change) {
        Ok(begun) => begun,
        Err(diagnostics) => return Outcome::Unchanged(diagnostics),
    };
    let written = provider.cluster.work(context, || work.attempt()).await;
    let mut private = change.private.clone();
    let kept = work.keep(&mut private).await.map_err(Diagnostic::from);
    let mut state = State { model: planned.clone(), private };
    // What was promised holds; what the plan left open is told now.
    if state.model.corefile.is_unknown() {
        state.model.corefile = Value::Value(work.corefile.text().to_owned());
    }
    match (written, kept) {
        (Ok(written), Ok(())) => {
            if planned.uid.is_unknown() {
                state.model.uid = written.uid.into();
            }
            if planned.ready_replicas.is_unknown() {
                state.model.ready_replicas = Value::Value(written.ready);
            }
            Outcome::Done(state)
        }
        (Ok(_), Err(diagnostic)) => Outcome::Unchanged(diagnostic.into()),
        (Err(error), _) => {
            let diagnostics = error.diagnostics(planned);
            // A failed update keeps its state. A create that failed is tainted, and recreated by the next apply: that
            // is for what it made itself, and never for a DNS that was there before.
            let wrote = work.wrote.load(Ordering::Relaxed);
            let had_id = matches!(instance::kept(&change.private), Ok(Some(_)));
            match &change.prior {
                None if wrote && !work.adopted.load(Ordering::Relaxed) => Outcome::Partial(state, diagnostics),
                None if wrote => {
                    context.warn(perhaps_changed(&title(planned)));
                    Outcome::Unchanged(diagnostics)
                }
                // The first update after an import has marked objects: the next one must know its own mark.
                Some(prior) if wrote && !had_id => {
                    Outcome::Partial(State { model: prior.clone(), ..state }, diagnostics)
                }
                _ => Outcome::Unchanged(diagnostics),
            }
        }
    }
}

fn begun<'a>(
    context: &'a Context<Configured>,
    change: &'a Change<Model>,
) -> Result<(&'a Configured, Work<'a>), Diagnostics> {
    let provider = context.provider()?;
    let planned = &change.planned;
    let corefile = Corefile::promised(planned, &change.config.corefile).ok_or_else(|| {
        Diagnostic::error("Bug in the provider", "An argument of the Corefile is unknown at apply. Please report this.")
    })?;
    // What was unknown while planning is checked now, before anything is written.
    let errors = corefile.check(planned).errors;
    if !errors.is_empty() {
        return Err(CorednsError::Corefile(errors).diagnostics(planned));
    }
    let kept = instance::kept(&change.private).map_err(Diagnostic::from)?;
    let imported = kept.is_none() && change.prior.is_some();
    let id = kept.filter(|_| change.prior.is_some()).unwrap_or_else(instance::fresh);
    let (adopted, wrote, ends) = (AtomicBool::new(false), AtomicBool::new(false), OnceCell::new());
    let of_others = Mutex::new(adoption::kept(&change.private).map_err(Diagnostic::from)?);
    let replicas = change.config.replicas.as_ref_option().copied();
    Ok((
        provider,
        Work { context, provider, planned, corefile, replicas, id, adopted, imported, of_others, wrote, ends },
    ))
}

impl Work<'_> {
    /// Which objects are others' before the write: kept for the destroy. Gives those that were not known.
    fn found(&self, sight: &Sight) -> BTreeSet<Part> {
        let found = if self.imported { BTreeSet::new() } else { adoption::of_others(self.planned, sight, &self.id) };
        let mut known = self.of_others.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|part| sight.parts.contains_key(part));
        let fresh = found.difference(&known).copied().collect();
        known.extend(found);
        known.extend(sight.noted());
        fresh
    }

    /// The objects that others made.
    fn adopted(&self) -> BTreeSet<Part> {
        self.of_others.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn keep(&self, private: &mut Private) -> Result<(), PrivateError> {
        instance::keep(private, Some(&self.id))?;
        adoption::keep(&self.adopted(), private)?;
        self.provider.cluster.record_origin(self.context, private).await
    }

    async fn attempt(&self) -> Result<Written, CorednsError> {
        let planned = self.planned;
        let sight = look_closely(&self.provider.cluster, self.context, planned).await;
        let sight = sight.map_err(|failure| CorednsError::Look { id: planned.id(), failure })?;
        adoption::check(planned, &sight, Some(&self.id))?;
        if !sight.is_all_marked(&self.id) {
            self.adopted.store(true, Ordering::Relaxed);
        }
        let wanted = Wanted::new(planned, self.corefile.text(), Some(&self.id), self.replicas);
        Box::pin(self.rehearse(&wanted, &sight)).await?;
        let (cluster, context) = (&self.provider.cluster, self.context);
        let ends = self.ends.get_or_try_init(|| wait::ends(cluster, context, planned)).await?;
        let found = self.found(&sight);
        let wanted = wanted.noting(self.adopted());
        self.take_over(&sight).await?;

        let mut uid = None;
        for part in Part::ALL {
            let live = sight.parts.get(&part);
            match part {
                Part::ConfigMap => drop(self.apply(part, wanted.config_map_while_rolling(&sight), live).await?),
                _ if !part.is_wanted(wanted.replicas()) => self.remove(part, live).await?,
                Part::Deployment => uid = self.deploy(&wanted, live).await?.object.metadata.uid,
                _ => drop(self.apply(part, wanted.object(part), live).await?),
            }
        }
        if !planned.waits_for_rollout() {
            if !found.is_empty() {
                self.context.warn(adopted(planned, &found, adoption::is_kubeadms(&sight)));
            }
            // Nobody sees which pods still mount what was in force: it stays.
            self.apply(Part::ConfigMap, wanted.config_map_without_proof(&sight), sight.parts.get(&Part::ConfigMap))
                .await?;
            return Ok(Written { uid, ready: sight.ready_replicas() });
        }
        let checksum = wanted.checksum();
        let rollout = Rollout::new(checksum.clone(), ends.clone());
        let ready = Box::pin(wait::until_rolled_out(cluster, context, planned, &self.corefile, rollout)).await?;
        if ready == 0 {
            // Somebody has scaled it to nothing: there is no rollout that could fail, and none that proves anything.
            if !planned.names_to_verify().is_empty() {
                return Err(CorednsError::NoReplicas);
            }
            self.context.warn(no_replicas(planned));
            self.apply(Part::ConfigMap, wanted.config_map_without_proof(&sight), sight.parts.get(&Part::ConfigMap))
                .await?;
            return Ok(Written { uid, ready });
        }
        Box::pin(verify::verify(cluster, context, planned, &checksum)).await?;
        if !found.is_empty() {
            self.context.warn(adopted(planned, &found, adoption::is_kubeadms(&sight)));
        }
        // It is in force: what nobody mounts any more goes.
        self.apply(Part::ConfigMap, wanted.config_map_in_force(), sight.parts.get(&Part::ConfigMap)).await?;
        Ok(Written { uid, ready })
    }

    /// Lets the API server judge everything as it will be at the end, so that what it refuses, or what belongs to somebody
    /// else, shows before anything is changed.
    async fn rehearse(&self, wanted: &Wanted<'_>, sight: &Sight) -> Result<(), CorednsError> {
        let parts = Part::ALL.into_iter().filter(|part| part.is_wanted(wanted.replicas()));
        let rehearsals = join_all(parts.map(|part| async move {
            let object = match part {
                Part::ConfigMap => wanted.config_map_in_force(),
                _ => wanted.object(part),
            };
            self.put(part, object, sight.parts.get(&part), true).await
        }));
        for rehearsed in rehearsals.await {
            match rehearsed {
                // An admission webhook that has not said that it does nothing else cannot be rehearsed with.
                Err(CorednsError::Write { failure, .. })
                    if matches!(failure.cause(), Some(Cause::Api { code: 400, .. })) => {}
                other => drop(other?),
            }
        }
        Ok(())
    }

    async fn take_over(&self, sight: &Sight) -> Result<(), CorednsError> {
        let planned = self.planned;
        let marked: Vec<_> = of_owners(sight, Some(&self.id)).collect();
        if !marked.is_empty() {
            let marked = &marked;
            let succeeded = self.provider.cluster.change(self.context, |client, call| async move {
                succession::succeed(&client, &call, planned, marked).await
            });
            succeeded.await.map_err(CorednsError::TakeOver)?;
        }
        let held = talos::held(sight);
        if held.is_empty() {
            return Ok(());
        }
        let held = &held;
        let taken = self
            .provider
            .cluster
            .change(self.context, |client, call| async move { talos::take_over(&client, &call, planned, held).await });
        taken.await.map_err(CorednsError::TakeOver)
    }

    /// Where others scale, the number of replicas is said once, and then by nobody: what is left out would go back to 1 as
    /// long as nobody else owns it.
    async fn deploy(&self, wanted: &Wanted<'_>, live: Option<&Live<Untyped>>) -> Result<Live<Untyped>, CorednsError> {
        let Some(known) = live else { return self.apply(Part::Deployment, wanted.first_deployment(), live).await };
        if self.replicas.is_none()
            && let Some(replicas) = scale::of_ours(known)
        {
            let (kind, object) = (&Part::Deployment.kind(), &wanted.scale(replicas));
            let kept = self
                .provider
                .cluster
                .change(self.context, |client, call| async move { scale::keep(&client, &call, kind, object).await });
            let title = || Part::Deployment.title(self.planned);
            kept.await.map_err(|failure| CorednsError::Write { title: title(), failure })?;
        }
        self.apply(Part::Deployment, wanted.object(Part::Deployment), live).await
    }

    async fn apply(
        &self,
        part: Part,
        object: Json,
        live: Option<&Live<Untyped>>,
    ) -> Result<Live<Untyped>, CorednsError> {
        self.put(part, object, live, false).await
    }

    async fn put(
        &self,
        part: Part,
        object: Json,
        live: Option<&Live<Untyped>>,
        dry_run: bool,
    ) -> Result<Live<Untyped>, CorednsError> {
        let force = self.planned.force_conflicts.as_ref_option().copied().unwrap_or_default();
        let mut outcome = self.send(part, &object, Apply { force, dry_run, ..Apply::default() }).await;
        if !force
            && let Err(failure) = &outcome
            && let Some(Cause::FieldConflict { fields }) = failure.cause()
            && adoption::may_take(fields, live, &self.id, self.planned)
        {
            outcome = self.send(part, &object, Apply { force: true, dry_run, ..Apply::default() }).await;
        }
        outcome.map_err(|failure| CorednsError::Write { title: part.title(self.planned), failure })
    }

    async fn send(&self, part: Part, object: &Json, how: Apply) -> Result<Live<Untyped>, Failure> {
        let kind = &part.kind();
        let applied = self
            .provider
            .cluster
            .change(self.context, |client, call| async move { client.apply_untyped(&call, kind, object, how).await });
        let applied = applied.await;
        if !how.dry_run && applied.as_ref().map_or_else(Failure::may_have_happened, |_| true) {
            self.wrote.store(true, Ordering::Relaxed);
        }
        Ok(applied?.live)
    }

    /// Removes an object that is not wanted any more, if it is ours and we made it.
    async fn remove(&self, part: Part, live: Option<&Live<Untyped>>) -> Result<(), CorednsError> {
        let of_others = self.adopted().contains(&part);
        let is_ours = |live: &&Live<Untyped>| instance::on(&live.object.metadata) == Some(self.id.as_str());
        let Some(live) = live.filter(is_ours).filter(|_| !of_others) else { return Ok(()) };
        let (planned, kind) = (self.planned, &part.kind());
        let conditions = &Preconditions { uid: live.object.metadata.uid.clone(), resource_version: None };
        let removed = self.provider.cluster.change(self.context, |client, call| async move {
            client
                .delete_untyped(
                    &call,
                    kind,
                    part.namespace(planned),
                    &part.name(planned),
                    conditions,
                    Propagation::Background,
                )
                .await
        });
        removed.await.map(drop).map_err(|failure| CorednsError::Delete { title: part.title(planned), failure })
    }
}

/// The warning that a DNS that exists is managed from now on.
fn adopted(model: &Model, parts: &BTreeSet<Part>, by_kubeadm: bool) -> Diagnostic {
    let titles: Vec<String> = parts.iter().map(|part| part.title(model)).collect();
    let mut detail = format!(
        "CoreDNS {}: {} existed before. This resource manages them now; a destroy does not delete them.",
        model.id(),
        titles.join(", ")
    );
    if by_kubeadm {
        detail.push_str(
            " The next `kubeadm upgrade` writes CoreDNS again: set dns.disabled: true in its ClusterConfiguration, or give it --skip-phases=addon/coredns.",
        );
    }
    Diagnostic::warning("An existing CoreDNS is adopted", detail).at(AttributePath::new("name"))
}
