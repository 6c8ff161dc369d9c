//! Delete: removes the store if it is still this instance's.

use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Deletion, State};

use super::TIMEOUTS;
use super::model::VaultSecretStore as Model;
use super::object::{argument, place};
use crate::cluster::object::{ObjectError, Removal, forget, remove};
use crate::configured::Configured;

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    taken_away(context, &state).await.into()
}

async fn taken_away(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostics> {
    let cluster = &context.provider()?.cluster;
    let model = &state.model;
    let context = &context.within(TIMEOUTS.overridden_by(&model.timeouts).delete);
    let removal = Removal::of(&state.private, &model.uid, None).map_err(Diagnostic::from)?;
    let kind = match cluster.served(context, &model.custom_kind()).await {
        // The definition went, and took every store along.
        Ok(None) => return Ok(()),
        Ok(Some(kind)) => kind,
        Err(failure) => {
            let forgotten = forget(cluster, context, &model.title(), failure, &state.private).await;
            return forgotten
                .map_err(|failure| ObjectError::Delete { title: model.title(), failure }.diagnostics(argument));
        }
    };
    let removed = remove(cluster, context, &place(model, kind), &removal).await;
    removed.map_err(|error| error.diagnostics(argument))
}
