//! Plan: what the configuration means beside what is stored, and what the API server says of a change. See
//! `docs/design/manifest-plans.md` for what Terraform allows.

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Live, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::resource::Plan;

use super::confidential::Confidential;
use super::dry_run::{Trial, Verdict, object};
use super::errors::{ManifestError, Scope};
use super::model::BootstrapManifest as Model;
use super::read::{Seen, look};
use super::record::{Found, Record, is_unready};
use super::{key, owner_of};
use crate::cluster::object::{ObjectError, Place, is_untouched_import};
use crate::cluster::provenance::{self, Provenance};
use crate::cluster::{Cluster, Failure, instance, rebirth};
use crate::configured::Configured;
use crate::manifest::Wanted;
use crate::manifest::object::Named;
use crate::manifest::value::same;

/// Kinds that are not replaced by themselves: with them goes what they hold.
const TOO_DEAR: &[&str] = &["PersistentVolumeClaim", "Namespace", "CustomResourceDefinition"];

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    let cluster = &context.provider()?.cluster;
    let configured = plan.planned.clone();
    let at = configured.argument();
    let wanted = configured.wanted().map_err(|problem| problem.diagnostic(at.clone()))?;
    plan.planned.name_as(&wanted);
    let Some(prior) = plan.prior.clone() else { return create(cluster, context, plan, &wanted).await };
    let Some(before) = prior.named() else { return Ok(()) };
    let refreshed = cluster.is_refreshed(&key(&before));

    if wanted.name.is_unknown() && wanted.kind.is_unknown() && wanted.api_version.is_unknown() {
        // Unknown as a whole: most often the same object, and apply writes nothing if it is not.
        plan.planned.name_as_before(&prior);
        plan.needs_update = true;
        return Ok(());
    }
    match wanted.known() {
        Some(now) if now.is_same_object(&before) => {}
        Some(now) if !refreshed => {
            let detail = format!(
                "The manifest names {}, and this resource manages {}. Terraform has not refreshed the object in this run, so no replacement can be planned here: it is either the plan of an apply whose manifest was unknown before, or a plan with -refresh=false. Nothing was written. Plan again, with a refresh.",
                now.title(),
                before.title()
            );
            return Err(Diagnostic::error("The manifest is another object", detail).at(at).into());
        }
        _ => {
            plan.requires_replace.push(at);
            return Ok(());
        }
    }

    let announced = rebirth::is_announced(&prior.triggers, &configured.triggers);
    let seen = match cluster.take_refreshed(&key(&before)) {
        Some(live) => Ok(Seen::Live(Box::new(live))),
        None => look(cluster, context, &before).await,
    };
    let live = match seen {
        Ok(Seen::Live(live)) => live,
        Ok(Seen::OtherVersion) => {
            plan.needs_update |= plan.changed;
            return Ok(());
        }
        // Gone since the refresh: whatever is missing is made again.
        Ok(Seen::Nothing) => {
            plan.needs_update = true;
            return Ok(());
        }
        Err(failure) => return unseen(cluster, context, plan, &before, announced, failure).await,
    };
    // Nothing is written on what was handed over. Where an argument changed, apply says whose it is by then.
    if owner_of(&live, configured.takers()).is_some() {
        return Ok(());
    }
    let review =
        Review { cluster, context, prior: &prior, configured: &configured, before: &before, live: &live, refreshed };
    review.of(plan, &wanted).await
}

/// A create needs no cluster: what can be checked is checked, and what cannot is said.
async fn create(
    cluster: &Cluster,
    context: &Context<Configured>,
    plan: &Plan<Model>,
    wanted: &Wanted,
) -> Result<(), Diagnostics> {
    let at = plan.planned.argument();
    // The plan of an apply, right before the write that says the same: the API server is not asked twice.
    if cluster.applies() {
        return Ok(());
    }
    let Some(named) = wanted.known().filter(|_| wanted.body.is_known()) else { return Ok(()) };
    let unchecked = |why: &str| context.warn(unchecked(&named, why, at.clone()));
    let served = match cluster.kind_named(context, &named.group, &named.version, &named.kind).await {
        Ok(Some(served)) => served,
        Ok(None) => {
            if let Some(why) = cluster.never_served(context, &named.group, &named.version, &named.kind).await {
                return Err(ManifestError::NeverServed(why).diagnostics(&plan.planned));
            }
            unchecked("the API server does not serve its kind yet");
            return Ok(());
        }
        Err(failure) => {
            unchecked(&failure.to_string());
            return Ok(());
        }
    };
    scope(served.namespaced, &named).map_err(|scope| scope.diagnostic(at.clone()))?;
    let place = Place { kind: served.kind, namespace: named.namespace.clone(), name: named.name.clone() };
    let Some(secret) = Confidential::of(&plan.config, &plan.planned, None) else { return Ok(()) };
    let body = object(&place, secret.on(&wanted.body.json, None), &[]);
    let secrets = secret.secrets(None);
    let trial = Trial { place: &place, object: &body, live: None, hidden: secret.paths(), secrets: &secrets };
    match trial.run(cluster, context).await {
        Verdict::Same | Verdict::Changes => Ok(()),
        Verdict::Refused(why) => Err(refused(&named, &why, at).into()),
        // A replacement removes the object before it makes it.
        Verdict::Immutable(_) if !plan.private.is_empty() => Ok(()),
        Verdict::Immutable(why) | Verdict::Unsure(why) => {
            unchecked(&why);
            Ok(())
        }
        Verdict::Absent => {
            let namespace = named.namespace.as_deref().unwrap_or_default();
            unchecked(&format!("namespace {namespace} does not exist yet"));
            Ok(())
        }
    }
}

/// Is the manifest's namespace right for its kind?
pub(super) fn scope(namespaced: bool, named: &Named) -> Result<(), Scope> {
    match (namespaced, &named.namespace) {
        (true, None) => Err(Scope::Missing(named.kind.clone())),
        (false, Some(_)) => Err(Scope::Surplus(named.kind.clone())),
        _ => Ok(()),
    }
}

fn unchecked(named: &Named, why: &str, at: AttributePath) -> Diagnostic {
    let detail = format!("{}: {}. It is checked during apply.", named.title(), why.trim_end_matches('.'));
    Diagnostic::warning("The manifest could not be checked during plan", detail).at(at)
}

fn refused(named: &Named, why: &str, at: AttributePath) -> Diagnostic {
    let detail = format!("{}: {}.", named.title(), why.trim_end_matches('.'));
    Diagnostic::error("The API server refuses the manifest", detail).at(at)
}

/// The cluster could not be seen: an error, unless that is expected, or the cluster may be gone.
async fn unseen(
    cluster: &Cluster,
    context: &Context<Configured>,
    plan: &mut Plan<Model>,
    before: &Named,
    announced: bool,
    failure: Failure,
) -> Result<(), Diagnostics> {
    let expected = failure.is_gap() || (announced && failure.is_unreachable());
    let gone = if expected { Ok(failure) } else { cluster.is_gone(failure, &plan.private).await };
    let failure = gone.map_err(|failure| {
        ObjectError::Look { title: before.title(), failure }.diagnostics(|_| AttributePath::new("manifest"))
    })?;
    let detail = format!("{}: {failure}. The object is read during apply.", before.title());
    context.warn(Diagnostic::warning("Cannot read the cluster during plan", detail));
    plan.needs_update |= expected;
    Ok(())
}

/// The plan of an object that is stored, and was seen.
struct Review<'a> {
    cluster: &'a Cluster,
    context: &'a Context<Configured>,
    prior: &'a Model,
    configured: &'a Model,
    before: &'a Named,
    live: &'a Live<Untyped>,
    /// The object was refreshed in this process, so that this is the first plan.
    refreshed: bool,
}

impl Review<'_> {
    async fn of(&self, plan: &mut Plan<Model>, wanted: &Wanted) -> Result<(), Diagnostics> {
        let at = self.configured.argument();
        let metadata = &self.live.object.metadata;
        let kept = instance::kept(&plan.private).map_err(Diagnostic::from)?;
        let marked = kept.is_some() && instance::on(metadata) == kept.as_deref();
        let unready = is_unready(&plan.private).map_err(Diagnostic::from)?;
        let unmarked = !marked && !is_untouched_import(&plan.private).map_err(Diagnostic::from)?;
        plan.needs_update |= unmarked || unready || metadata.deletion_timestamp.is_some();
        self.tell_drift(plan)?;
        let stored = self.prior.body().map(|body| body.json).unwrap_or_default();
        let is_known = wanted.body.is_known();
        self.check_paths(plan, &stored, &wanted.body.json)?;
        let alike = self.prior.is_yaml() == self.configured.is_yaml();
        let mut means_the_same = is_known && same(&stored, &wanted.body.json);
        // What follows concludes something from the live object: only the first plan may.
        if !self.refreshed {
            return Ok(());
        }
        if plan.changed && is_known && !means_the_same && marked {
            match self.tried(plan, wanted).await? {
                Verdict::Same => means_the_same = true,
                Verdict::Changes | Verdict::Absent => {}
                Verdict::Immutable(why) => self.replace(plan, &why, at)?,
                Verdict::Refused(why) => return Err(refused(self.before, &why, at).into()),
                Verdict::Unsure(why) => self.context.warn(unchecked(self.before, &why, at)),
            }
        }
        plan.unchanged =
            plan.changed && alike && means_the_same && !plan.needs_update && self.differs_in_nothing_else();
        Ok(())
    }

    /// Does the configuration say what is stored, but for the manifest?
    fn differs_in_nothing_else(&self) -> bool {
        let mut configured = self.configured.clone();
        configured.observed_as(self.prior);
        configured.manifest = self.prior.manifest.clone();
        configured.yaml = self.prior.yaml.clone();
        configured.encode() == self.prior.encode()
    }

    /// Only what `manifest_wo` sets is sent again while its version stays: another form of it would take away what is live.
    fn check_paths(&self, plan: &Plan<Model>, stored: &Json, wanted: &Json) -> Result<(), Diagnostics> {
        let Some(secret) = Confidential::of(&plan.config, self.configured, Some(self.prior)) else { return Ok(()) };
        let record = Record::kept(&plan.private).map_err(Diagnostic::from)?;
        let none = secret.paths().is_empty() && record.hidden().is_empty();
        // What a write left that failed later is in no state.
        if none || secret.writes() || is_unready(&plan.private).map_err(Diagnostic::from)? {
            return Ok(());
        }
        let at = AttributePath::new("manifest_wo");
        if secret.would_remove(&[record.applied(stored), wanted], self.live) {
            let detail = "It does not set a field any more that it set at the last apply, and manifest_wo_version has not changed. Change manifest_wo_version, so that it is written.";
            return Err(Diagnostic::error("manifest_wo has another form", detail).at(at).into());
        }
        if self.refreshed && secret.is_missing_from(&self.live.object) {
            let detail = format!(
                "It sets a field that {} does not have, and manifest_wo_version has not changed, so the field is not written. Change manifest_wo_version, so that it is.",
                self.before.title()
            );
            self.context.warn(Diagnostic::warning("A field of manifest_wo is missing", detail).at(at));
        }
        Ok(())
    }

    /// A text is not changed by a refresh: what differs is said here.
    fn tell_drift(&self, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
        if !self.prior.is_yaml() {
            return Ok(());
        }
        let Ok(body) = self.prior.body() else { return Ok(()) };
        let record = Record::kept(&plan.private).map_err(Diagnostic::from)?;
        if let Found::Differs(_, paths) = record.look(&body.json, self.live) {
            plan.needs_update = true;
            let detail = format!(
                "{} differs from what was applied in {}. Apply reverts it.",
                self.before.title(),
                paths.join(", ")
            );
            let at = AttributePath::new("yaml");
            self.context.warn(Diagnostic::warning("The object will be repaired", detail).at(at));
        }
        Ok(())
    }

    async fn tried(&self, plan: &Plan<Model>, wanted: &Wanted) -> Result<Verdict, Diagnostics> {
        let Some(named) = wanted.known() else { return Ok(Verdict::Changes) };
        let at = self.configured.argument();
        let served = match self.cluster.kind_named(self.context, &named.group, &named.version, &named.kind).await {
            Ok(Some(served)) => served,
            Ok(None) => {
                let never = self.cluster.never_served(self.context, &named.group, &named.version, &named.kind);
                if let Some(why) = never.await {
                    return Err(ManifestError::NeverServed(why).diagnostics(self.configured));
                }
                return Ok(Verdict::Unsure("the API server does not serve its kind at this version yet".to_owned()));
            }
            Err(failure) => return Ok(Verdict::Unsure(failure.to_string())),
        };
        scope(served.namespaced, &named).map_err(|scope| scope.diagnostic(at))?;
        let Some(secret) = Confidential::of(&plan.config, &plan.planned, Some(self.prior)) else {
            return Ok(Verdict::Changes);
        };
        let place = Place { kind: served.kind, namespace: named.namespace.clone(), name: named.name.clone() };
        // With the marks that are on it: without them, the trial would remove them.
        let annotations = self.live.object.metadata.annotations.iter().flatten();
        let is_ours = |key: &str| key == instance::ANNOTATION || key == provenance::ADOPTED;
        let marks: Vec<(&str, &str)> =
            annotations.filter(|(key, _)| is_ours(key)).map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let body = object(&place, secret.on(&wanted.body.json, Some(&self.live.object)), &marks);
        let (hidden, secrets) = (secret.paths(), secret.secrets(Some(&self.live.object)));
        let trial = Trial { place: &place, object: &body, live: Some(self.live), hidden, secrets: &secrets };
        Ok(trial.run(self.cluster, self.context).await)
    }

    /// What cannot change is replaced, unless too much goes with it, or it is not ours to delete.
    fn replace(&self, plan: &mut Plan<Model>, why: &str, at: AttributePath) -> Result<(), Diagnostics> {
        let title = self.before.title();
        let provenance = Provenance::kept(&plan.private).map_err(Diagnostic::from)?;
        let adopted = Provenance::of(provenance, &self.live.object.metadata) == Some(Provenance::Adopted);
        let reason = if TOO_DEAR.contains(&self.before.kind.as_str()) {
            "What it holds would be lost with it, so it is not replaced by itself. Revert the change, or replace the object on purpose (terraform apply -replace=…)."
        } else if adopted || self.prior.keeps() {
            "A destroy does not delete this object, since it was adopted or has on_destroy = \"keep\", so it cannot be replaced. Revert the change, or delete the object by hand first."
        } else {
            let detail = format!("{title}: {}.\n\nThe object is deleted and created again.", why.trim_end_matches('.'));
            let warning = Diagnostic::warning("The change forces replacement", detail);
            self.context.warn(warning.at(at.clone()));
            plan.requires_replace.push(at);
            return Ok(());
        };
        let detail = format!("{title}: {}.\n\n{reason}", why.trim_end_matches('.'));
        Err(Diagnostic::error("The change is of what cannot change", detail).at(at).into())
    }
}
