//! Read and import.

use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::resource::{ImportId, Reading, State};
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::model::VaultSecretStore as Model;
use super::object::{argument, observe, place};
use super::{CLUSTER_WIDE, NAMESPACED, identity_names};
use crate::cluster::object::{Claim, Look, ObjectError, Sight};
use crate::cluster::{Cluster, instance};
use crate::configured::Configured;

pub(super) async fn read(context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
    let cluster = &context.provider()?.cluster;
    let mut state = state;
    let seen = look(cluster, context, &state.model).await;
    let sight = Sight::of(cluster, context, state.model.title(), seen, &mut state.private).await?;
    Ok(match sight {
        Sight::Gone => Reading::Gone,
        Sight::Unseen => Reading::Unseen,
        Sight::Present(live) => {
            observe(&mut state.model, &live.object);
            Reading::Present(state)
        }
    })
}

/// The live store, within `connect_timeout`. Where the cluster serves no kind of that name, there is none.
pub(super) async fn look<D>(cluster: &Cluster, context: &Context<D>, model: &Model) -> Look {
    let Some(kind) = cluster.served(context, &model.custom_kind()).await? else { return Ok(None) };
    cluster.look_at(context, &place(model, kind)).await
}

pub(super) async fn import(context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
    let (namespace, name) = identity_names(&id)?;
    // What a configuration without any argument would have: every default.
    let attributes = Model::attributes();
    let nothing = all_null(&attributes);
    let mut model: Model = decode(settle(&attributes, &nothing, nothing.clone())).map_err(Diagnostic::from)?;
    model.kind = Value::Value(if namespace.is_some() { NAMESPACED } else { CLUSTER_WIDE }.to_owned());
    model.namespace = namespace.into();
    model.name = Value::Value(name);
    let provider = context.provider()?;
    let failed = |failure| ObjectError::Look { title: model.title(), failure }.diagnostics(argument);
    let live = look(&provider.cluster, context, &model).await.map_err(failed)?.ok_or_else(|| {
        let detail = format!("{} does not exist in the cluster of this provider configuration.", model.title());
        Diagnostic::error("There is nothing to import", detail)
    })?;
    observe(&mut model, &live.object);
    let mut private = Claim::imported(instance::on(&live.object.metadata)).map_err(Diagnostic::from)?;
    provider.cluster.record_origin(context, &mut private).await.map_err(Diagnostic::from)?;
    Ok(State { model, private })
}
