//! `terraform query`: the Secrets of a cluster. Metadata alone is read; where whole objects are asked for, each Secret is
//! read as an import reads it, and its data goes nowhere.

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_clients::kubernetes::{Kind, ListQuery};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::list::{ListResource, Listed};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::resource::Resource;
use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::Value;
use tokio::sync::mpsc::Sender;

use super::BootstrapSecret;
use super::errors::BootstrapSecretError;
use super::model::is_label;
use super::read::{named, taken_in};
use crate::cluster::instance;
use crate::configured::Configured;

/// How many Secrets are read at the same time, where they are asked for.
const AT_ONCE: usize = 8;

tf_plugin::model! {
    /// Finds Secrets of a cluster, to be imported as `tazlab_bootstrap_secret`. Their data is neither read nor shown.
    pub struct Filter {
        /// The namespace. Defaults to all namespaces.
        pub namespace: Value<String> => optional().check(is_label()),
        /// A label selector, as for `kubectl -l`: `"app=web,tier!=test"`.
        pub label_selector: Value<String> => optional().check(not_empty()),
        /// The type of the Secrets, such as `Opaque`. Defaults to any type.
        pub r#type: Value<String> => optional().check(not_empty()),
        /// `true` finds only Secrets that this provider wrote, `false` only those that it did not.
        pub managed: Value<bool> => optional(),
    }
}

/// The list resource.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapSecrets;

#[async_trait]
impl ListResource for BootstrapSecrets {
    type Data = Configured;
    type Model = Filter;

    const NAME: &'static str = BootstrapSecret::NAME;

    async fn list(
        &self,
        context: &Context<Configured>,
        filter: Filter,
        with_objects: bool,
        limit: usize,
        found: Sender<Listed>,
    ) -> Result<(), Diagnostics> {
        let mut left = limit;
        let mut next = None;
        while left > 0 {
            let (secrets, more) = page(context, &filter, next).await?;
            let wanted = |secret: &ObjectMeta| {
                filter.managed.as_ref_option().is_none_or(|managed| *managed == instance::on(secret).is_some())
            };
            let secrets: Vec<ObjectMeta> = secrets.into_iter().filter(wanted).take(left).collect();
            left -= secrets.len();
            let reads = secrets.into_iter().map(|secret| listed(context, secret, with_objects));
            let mut reads = stream::iter(reads).buffered(AT_ONCE);
            while let Some(listed) = reads.try_next().await? {
                let Some(listed) = listed else { continue };
                if found.send(listed).await.is_err() {
                    return Ok(());
                }
            }
            match more {
                Some(more) => next = Some(more),
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

/// One page, and where the next one begins.
async fn page(
    context: &Context<Configured>,
    filter: &Filter,
    next: Option<String>,
) -> Result<(Vec<ObjectMeta>, Option<String>), Diagnostics> {
    let query = ListQuery {
        namespace: filter.namespace.as_deref_option(),
        labels: filter.label_selector.as_deref_option(),
        fields: filter.r#type.as_deref_option().map(|kind| format!("type={kind}")),
        next,
    };
    let secrets = context.provider()?.cluster.look(context, |client, call| async move {
        client.list_metadata_page(&call, &Kind::of::<Secret>(), &query).await
    });
    let nothing = unconfigured().map_err(Diagnostic::from)?;
    secrets.await.map_err(|failure| BootstrapSecretError::List { failure }.diagnostics(&nothing))
}

/// One Secret as it is told; `None` when it went away meanwhile.
async fn listed(
    context: &Context<Configured>,
    secret: ObjectMeta,
    with_object: bool,
) -> Result<Option<Listed>, Diagnostics> {
    let (namespace, name) = (secret.namespace.unwrap_or_default(), secret.name.unwrap_or_default());
    let mut model = named(&namespace, &name)?;
    if with_object {
        let (of, called) = (namespace.as_str(), name.as_str());
        let cluster = &context.provider()?.cluster;
        let seen =
            cluster.look(context, |client, call| async move { client.get_secret(&call, of, called).await }).await;
        let live =
            seen.map_err(|failure| BootstrapSecretError::Look { id: model.id(), failure }.diagnostics(&model))?;
        let Some(live) = live else { return Ok(None) };
        model = taken_in(model, &live);
    }
    Ok(Some(Listed::of(&BootstrapSecret, &model, model.id(), with_object)?))
}
