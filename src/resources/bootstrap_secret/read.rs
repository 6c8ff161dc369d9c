//! Read and import.

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{Kind, Live};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::resource::{ImportId, Reading, State};
use tf_plugin::framework::value::Value;

use super::disclosure::Contents;
use super::errors::BootstrapSecretError;
use super::model::BootstrapSecret as Model;
use super::{NAMESPACE_INSTANCE, identity_names, object, proposed};
use crate::cluster::object::Claim;
use crate::cluster::{Cluster, Failure, instance};
use crate::configured::Configured;

pub(super) async fn read(context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
    let cluster = &context.provider()?.cluster;
    let title = format!("Secret {}", state.model.id());
    let mut state = state;
    let seen = match see(context, cluster, &state).await {
        Ok(seen) => seen,
        // The way to the cluster is not known (yet, or any more): what is stored is all there is.
        Err(failure) if failure.is_gap() => return Ok(Reading::Unseen),
        Err(failure) => {
            let gone = cluster.is_gone(failure, &state.private).await;
            let failed = |failure| BootstrapSecretError::Look { id: state.model.id(), failure };
            let failure = gone.map_err(|failure| failed(failure).diagnostics(&state.model))?;
            cluster.tell_kept(context, &title, &failure);
            return Ok(Reading::Unseen);
        }
    };
    let live = match seen {
        Seen::Secret(live) => live,
        Seen::Namespace => return Ok(Reading::Present(state)),
        Seen::Nothing => {
            cluster.warn_if_elsewhere(context, &title, &state.private).await;
            return Ok(Reading::Gone);
        }
    };
    let recorded = instance::kept(&state.private).map_err(Diagnostic::from)?.is_some();
    object::observe(&mut state.model, &live, recorded);
    cluster.record_origin(context, &mut state.private).await.map_err(Diagnostic::from)?;
    cluster.keep_sighting(state.model.namespace_name(), state.model.secret_name(), *live);
    Ok(Reading::Present(state))
}

/// What is there of a Secret and the namespace that was made for it.
enum Seen {
    Secret(Box<Live<Secret>>),
    /// A destroy ended between the two. Whoever forgets the Secret now leaves the namespace behind for good.
    Namespace,
    Nothing,
}

async fn see(context: &Context<Configured>, cluster: &Cluster, state: &State<Model>) -> Result<Seen, Failure> {
    let (namespace, name) = (state.model.namespace_name(), state.model.secret_name());
    let kind = state.model.r#type.as_deref_option().unwrap_or("Opaque");
    if let Some(live) = cluster.read_secret(context, namespace, name, kind).await? {
        return Ok(Seen::Secret(Box::new(live)));
    }
    let id = state.private.get::<String>(NAMESPACE_INSTANCE).ok().flatten();
    let Some(id) = id.filter(|_| state.model.creates_namespace()) else { return Ok(Seen::Nothing) };
    let left = cluster.namespace_is_left(context, namespace, &Kind::of::<Secret>(), &id).await?;
    Ok(if left { Seen::Namespace } else { Seen::Nothing })
}

pub(super) async fn import(context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
    let (namespace, name) = identity_names(&id)?;
    let model = named(&namespace, &name)?;
    let told = |failure| BootstrapSecretError::Look { id: model.id(), failure }.diagnostics(&model);
    let (of, called) = (namespace.as_str(), name.as_str());
    let provider = context.provider()?;
    let seen = provider.cluster.look(context, |client, call| async move { client.get_secret(&call, of, called).await });
    let live = seen.await.map_err(told)?.ok_or_else(|| {
        Diagnostic::error(
            "There is nothing to import",
            format!("Secret {namespace}/{name} does not exist in the cluster of this provider configuration."),
        )
    })?;
    let contents = Contents::of(live.object.data.as_ref());
    let withheld = object::withheld_labels(live.object.metadata.labels.as_ref(), &contents);
    if withheld > 0 {
        let detail = format!(
            "{withheld} labels of Secret {namespace}/{name} repeat content of the Secret, so they are not stored in the state. Labels of the configuration are recorded by the next apply."
        );
        context.warn(Diagnostic::warning("Some labels are not imported", detail).at(AttributePath::new("labels")));
    }
    // What others wrote where the mark stands may be anything.
    let mark = instance::on(&live.object.metadata).filter(|mark| !contents.are_disclosed_by(mark));
    let mut private = Claim::imported(mark).map_err(Diagnostic::from)?;
    proposed::note(&mut private).map_err(Diagnostic::from)?;
    provider.cluster.record_origin(context, &mut private).await.map_err(Diagnostic::from)?;
    Ok(State { model: taken_in(model, &live), private })
}

/// The Secret of this name with nothing configured.
pub(super) fn named(namespace: &str, name: &str) -> Result<Model, Diagnostic> {
    let mut model: Model = unconfigured()?;
    model.namespace = Value::Value(namespace.to_owned());
    model.name = Value::Value(name.to_owned());
    Ok(model)
}

/// A Secret that exists, as an import stores it: labels, metadata and the names of its keys, no data. Annotations are others' as often as not, and
/// may repeat the data: those of the configuration are recorded by the first apply.
pub(super) fn taken_in(mut model: Model, live: &Live<Secret>) -> Model {
    object::observe(&mut model, live, false);
    let contents = Contents::of(live.object.data.as_ref());
    model.labels = object::labels_taken_in(live.object.metadata.labels.as_ref(), &contents);
    model.files = proposed::files(live, &contents);
    model.changed_keys = Value::Value(String::new());
    model
}
