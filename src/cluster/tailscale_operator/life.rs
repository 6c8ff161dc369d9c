//! The life of such a Service, but for what is written and waited for: plan, read, import, delete.

use std::time::Duration;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::Untyped;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::{AttributeValue, Model, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::resource::{Change, ImportId, Plan, Reading, State};
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::value::Datum;

use super::super::object::{Claim, ObjectError, Place, Removal, Review, Sight, Standing, Writer, remove};
use super::super::{Cluster, OnUnreachable, instance, rebirth};
use super::{FINALIZER, Shared, argument, names, standing};

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// A resource that is such a Service.
pub trait Exposed: Model {
    /// A Service as people name one, to show how it is imported.
    const EXAMPLE: &'static str;

    /// The arguments that all of them have.
    fn shared(&self) -> &Shared;

    /// Where the Service is.
    fn place(&self) -> Place;

    /// Says where the Service is.
    fn put(&mut self, namespace: String, name: String);

    /// The Service to apply on the live one, without name and mark.
    fn desired(&self, live: Option<&Untyped>) -> Json;

    /// Takes over what the live Service says of itself.
    fn observe(&mut self, live: &Untyped);

    /// Is the live Service as it should be?
    fn standing(&self, live: &Json) -> Standing {
        standing(&self.place().to_string(), live)
    }
}

/// What the Service is known by, whatever the resource is called in HCL.
#[must_use]
pub fn identity_schema() -> IdentitySchema {
    IdentitySchema::of_strings(&[("namespace", "The Service's namespace."), ("name", "The Service's name.")])
}

/// The Service's namespace and name, for [`identity_schema`].
pub fn identity<M: Exposed>(model: &M) -> Datum {
    let Place { namespace, name, .. } = model.place();
    Datum::object([("namespace", namespace.unwrap_or_default().encode()), ("name", name.encode())])
}

/// How long a create or an update takes at most.
#[must_use]
pub fn limit<M: Exposed>(change: &Change<M>) -> Duration {
    let limits = TIMEOUTS.overridden_by(&change.planned.shared().timeouts);
    if change.prior.is_none() { limits.create } else { limits.update }
}

/// What writes the Service.
///
/// # Errors
/// When the private state is not ours.
pub fn writer<'a, D: Send + Sync, M: Exposed>(
    cluster: &'a Cluster,
    context: &'a Context<D>,
    change: &Change<M>,
) -> Result<Writer<'a, D>, Diagnostic> {
    let force = change.planned.shared().forces_conflicts();
    Writer::new(cluster, context, change, force).map_err(Diagnostic::from)
}

/// Completes the plan.
///
/// # Errors
/// What refuses the plan.
pub async fn plan<D, M: Exposed>(
    cluster: &Cluster,
    context: &Context<D>,
    plan: &mut Plan<M>,
) -> Result<(), Diagnostics> {
    // A create asks the cluster for nothing before apply: it may not exist yet.
    let Some(prior) = plan.prior.clone() else { return Ok(()) };
    let announced = rebirth::is_announced(&prior.shared().triggers, &plan.planned.shared().triggers);
    let (place, planned) = (prior.place(), plan.planned.clone());
    let review = Review { title: &place.to_string(), announced, argument };
    let seen = cluster.look_at(context, &place).await;
    let live = review.of(cluster, context, plan, seen, |live| planned.desired(Some(live))).await?;
    // What was never seen to work, or works no more, is waited for by the next apply.
    if let Some(live) = live
        && let Standing::Waiting(why) | Standing::Hopeless(why) = planned.standing(&live.object.value)
    {
        plan.needs_update = true;
        let at = AttributePath::new("name");
        context.warn(Diagnostic::warning("The Service is not ready", format!("{why}.")).at(at));
    }
    Ok(())
}

/// Looks at the Service.
///
/// # Errors
/// [`ObjectError::Look`], as diagnostics.
pub async fn read<D, M: Exposed>(
    cluster: &Cluster,
    context: &Context<D>,
    mut state: State<M>,
) -> Result<Reading<M>, Diagnostics> {
    let place = state.model.place();
    let seen = cluster.look_at(context, &place).await;
    let sight = Sight::of(cluster, context, place.to_string(), seen, &mut state.private).await?;
    Ok(match sight {
        Sight::Gone => Reading::Gone,
        Sight::Unseen => Reading::Unseen,
        Sight::Present(live) => {
            state.model.observe(&live.object);
            Reading::Present(state)
        }
    })
}

/// The first state of a Service that is there already.
///
/// # Errors
/// When the id is none, there is no such Service, or it cannot be seen.
pub async fn import<D, M: Exposed>(
    cluster: &Cluster,
    context: &Context<D>,
    id: &ImportId,
) -> Result<State<M>, Diagnostics> {
    let (namespace, name) = names(id, M::EXAMPLE)?;
    // What a configuration without any argument would have: every default.
    let attributes = M::attributes();
    let nothing = all_null(&attributes);
    let mut model: M = decode(settle(&attributes, &nothing, nothing.clone())).map_err(Diagnostic::from)?;
    model.put(namespace, name);
    let place = model.place();
    let failed = |failure| ObjectError::Look { title: place.to_string(), failure }.diagnostics(argument);
    let live = cluster.look_at(context, &place).await.map_err(failed)?.ok_or_else(|| {
        let detail = format!("{place} does not exist in the cluster of this provider configuration.");
        Diagnostic::error("There is nothing to import", detail)
    })?;
    model.observe(&live.object);
    let mut private = Claim::imported(instance::on(&live.object.metadata)).map_err(Diagnostic::from)?;
    cluster.record_origin(context, &mut private).await.map_err(Diagnostic::from)?;
    Ok(State { model, private })
}

/// Removes the Service if it is still this instance's, and waits for the operator.
///
/// # Errors
/// [`ObjectError::Delete`] as diagnostics, with the finalizer that holds the Service where that is why.
pub async fn delete<D: Send + Sync, M: Exposed>(
    cluster: &Cluster,
    context: &Context<D>,
    state: &State<M>,
) -> Result<(), Diagnostics> {
    let shared = state.model.shared();
    let context = &context.within(TIMEOUTS.overridden_by(&shared.timeouts).delete);
    let forced = shared.forces_finalizer() || cluster.on_unreachable == OnUnreachable::Forget;
    let forced = forced.then_some(FINALIZER);
    let removal = Removal::of(&state.private, &shared.uid, forced).map_err(Diagnostic::from)?;
    let removed = remove(cluster, context, &state.model.place(), &removal).await;
    removed.map_err(|error| error.diagnostics(argument))
}
