//! Read and import.

use tazlab_clients::kubernetes::{Live, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::resource::{ImportId, Reading, State};
use tf_plugin::framework::value::Value;

use super::model::BootstrapManifest as Model;
use super::record::{Found, Record};
use super::{identity_of, key, owner_of};
use crate::cluster::object::{Claim, ObjectError, Place, Sight};
use crate::cluster::{Cluster, Failure, instance};
use crate::configured::Configured;
use crate::manifest::object::Named;
use crate::manifest::value::dynamic;

/// What there is of an object.
#[derive(Debug)]
pub(super) enum Seen {
    /// It is there.
    Live(Box<Live<Untyped>>),
    /// It is there, and its kind is not served at the version that is wanted: its fields cannot be compared.
    OtherVersion,
    /// It is not there, or nothing of its kind.
    Nothing,
}

/// Looks at an object, within `connect_timeout`.
pub(super) async fn look<D>(cluster: &Cluster, context: &Context<D>, named: &Named) -> Result<Seen, Failure> {
    let place = |kind| Place { kind, namespace: named.namespace.clone(), name: named.name.clone() };
    if let Some(served) = cluster.kind_named(context, &named.group, &named.version, &named.kind).await? {
        let live = cluster.look_at(context, &place(served.kind)).await?;
        return Ok(live.map_or(Seen::Nothing, |live| Seen::Live(Box::new(live))));
    }
    let Some(served) = cluster.kind_at_any_version(context, &named.group, &named.kind).await? else {
        return Ok(Seen::Nothing);
    };
    let live = cluster.look_at(context, &place(served.kind)).await?;
    Ok(if live.is_some() { Seen::OtherVersion } else { Seen::Nothing })
}

pub(super) async fn read(context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
    let cluster = &context.provider()?.cluster;
    let mut state = state;
    let Some(named) = state.model.named() else { return Ok(Reading::Present(state)) };
    let key = key(&named);
    cluster.note_refresh(&key);
    let seen = match look(cluster, context, &named).await {
        Ok(Seen::OtherVersion) => return Ok(Reading::Present(state)),
        Ok(Seen::Live(live)) => Ok(Some(*live)),
        Ok(Seen::Nothing) => Ok(None),
        Err(failure) => Err(failure),
    };
    match Sight::of(cluster, context, named.title(), seen, &mut state.private).await? {
        Sight::Gone => Ok(Reading::Gone),
        Sight::Unseen => Ok(Reading::Unseen),
        Sight::Present(live) => {
            observe(&mut state, &live)?;
            cluster.keep_refreshed(&key, *live);
            Ok(Reading::Present(state))
        }
    }
}

/// Takes over what the live object shows.
fn observe(state: &mut State<Model>, live: &Live<Untyped>) -> Result<(), Diagnostics> {
    let model = &mut state.model;
    model.uid = live.object.metadata.uid.clone().into();
    model.owner = owner_of(live, model.takers()).into();
    if model.owner.as_ref_option().is_some() {
        return Ok(());
    }
    let Ok(body) = model.body() else { return Ok(()) };
    let mut record = Record::kept(&state.private).map_err(Diagnostic::from)?;
    let applied = record.applied(&body.json).clone();
    let found = record.look(&applied, live);
    if model.is_yaml() {
        // The text is its writer's: the plan says what differs.
        return Ok(());
    }
    match found {
        Found::AsLeft => {
            if record.note_shown(None) {
                model.manifest = Value::Value(dynamic(&applied));
            }
        }
        Found::Differs(shown, _) => {
            model.manifest = Value::Value(dynamic(&shown));
            record.note_shown(Some(applied));
        }
    }
    record.keep(&mut state.private).map_err(Diagnostic::from)?;
    Ok(())
}

/// The state of an object that exists: only what names it is stored, since nobody knows which of its fields are to be managed, and
/// which of them are secret.
pub(super) fn named_only(named: &Named) -> Result<Model, Diagnostic> {
    let mut model: Model = unconfigured().map_err(Diagnostic::from)?;
    model.manifest = Value::Value(dynamic(&named.manifest()));
    model.api_version = Value::Value(named.api_version());
    model.kind = Value::Value(named.kind.clone());
    model.namespace = named.namespace.clone().into();
    model.name = Value::Value(named.name.clone());
    Ok(model)
}

/// What is to be said of a configuration that is generated from such a state.
pub(super) fn names_only(state: &Model) -> Diagnostic {
    let title = state.named().map(|named| named.title()).unwrap_or_default();
    let detail = format!(
        "{title}: an import does not know which fields are to be managed, nor which of them are secret. Add those that Terraform must keep as they are; before that, it changes none."
    );
    Diagnostic::warning("The generated manifest only names the object", detail).at(AttributePath::new("manifest"))
}

pub(super) async fn import(context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
    let named = identity_of(&id)?;
    let cluster = &context.provider()?.cluster;
    let failed =
        |failure| ObjectError::Look { title: named.title(), failure }.diagnostics(|_| AttributePath::new("manifest"));
    let Seen::Live(live) = look(cluster, context, &named).await.map_err(failed)? else {
        let detail = format!(
            "{} ({}) does not exist in the cluster of this provider configuration.",
            named.title(),
            named.api_version()
        );
        return Err(Diagnostic::error("There is nothing to import", detail).into());
    };
    let mut model = named_only(&named)?;
    model.uid = live.object.metadata.uid.clone().into();
    let mut private = Claim::imported(instance::on(&live.object.metadata)).map_err(Diagnostic::from)?;
    cluster.record_origin(context, &mut private).await.map_err(Diagnostic::from)?;
    Ok(State { model, private })
}
