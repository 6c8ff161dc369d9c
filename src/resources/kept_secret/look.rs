//! Reads of both sides: the live Secrets, and the copy in Vault.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{self, Kind, ListQuery};
use tazlab_clients::vault;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::private::{Private, PrivateError};

use super::content::Content;
use super::copy::Copy;
use super::decision::Live;
use super::errors::KeptSecretError;
use super::model::{Target, Which};
use super::review::{Lives, Uids};
use super::selector;
use crate::configured::Configured;

/// The name in private state of the uids of the Secrets that were the same as the copy.
const UIDS: &str = "uids";

/// The live Secrets, and those of the copy that have lost the labels.
pub(super) async fn lives(
    client: &kubernetes::Client,
    call: &kubernetes::Call,
    target: &Target,
    copy: &Copy,
) -> Result<Lives, kubernetes::Error> {
    let names: BTreeSet<String> = match &target.which {
        Which::Named(name) => [name.clone()].into(),
        // One of the copy that is not listed may exist without the labels, and its name is taken then.
        Which::Labelled(labels) => {
            let listed = labelled(client, call, &target.namespace, labels).await?;
            listed.into_iter().chain(copy.secrets.keys().cloned()).collect()
        }
    };
    let mut found = Lives::new();
    for name in names {
        if let Some(live) = client.get_secret(call, &target.namespace, &name).await? {
            found.insert(name, live_of(&live.object, target));
        }
    }
    Ok(found)
}

/// The names of the Secrets with these labels. Contents are not listed: a namespace may hold large ones.
async fn labelled(
    client: &kubernetes::Client,
    call: &kubernetes::Call,
    namespace: &str,
    labels: &str,
) -> Result<Vec<String>, kubernetes::Error> {
    let mut query = ListQuery { namespace: Some(namespace), labels: Some(labels), ..ListQuery::default() };
    let mut names = Vec::new();
    loop {
        let (page, next) = client.list_metadata_page(call, &Kind::of::<Secret>(), &query).await?;
        names.extend(page.into_iter().filter_map(|metadata| metadata.name));
        if next.is_none() {
            return Ok(names);
        }
        query.next = next;
    }
}

pub(super) fn live_of(secret: &Secret, target: &Target) -> Live {
    let metadata = &secret.metadata;
    Live {
        content: Content::of(secret),
        uid: metadata.uid.clone().unwrap_or_default(),
        resource_version: metadata.resource_version.clone(),
        is_wanted: match &target.which {
            Which::Named(_) => true,
            Which::Labelled(labels) => selector::matches(labels, metadata.labels.as_ref()),
        },
        is_leaving: metadata.deletion_timestamp.is_some(),
    }
}

/// The live Secrets, within `connect_timeout`.
pub(super) async fn glance_at_lives(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
    copy: &Copy,
) -> Result<Lives, KeptSecretError> {
    let ask = |client: kubernetes::Client, call| async move { lives(&client, &call, target, copy).await };
    let seen = provider.cluster.look(context, ask).await;
    seen.map_err(|failure| KeptSecretError::Look { title: target.title(), failure })
}

/// The copy, within `connect_timeout`.
pub(super) async fn glance_at_copy(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
) -> Result<Copy, KeptSecretError> {
    let ask = |client: vault::Client, call| async move { client.kv2_newest(&call, &target.mount, &target.path).await };
    let newest = provider.vault.look(context, ask).await;
    let newest = newest.map_err(|failure| KeptSecretError::ReadCopy { copy: target.copy(), failure })?;
    Copy::read(&newest, target).map_err(|problem| KeptSecretError::Copy { copy: target.copy(), problem })
}

/// The copy, until the context's deadline.
pub(super) async fn copy(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
) -> Result<Copy, KeptSecretError> {
    let ask = |client: vault::Client, call| async move { client.kv2_newest(&call, &target.mount, &target.path).await };
    let newest = provider.vault.ask(context, ask).await;
    let newest = newest.map_err(|failure| KeptSecretError::ReadCopy { copy: target.copy(), failure })?;
    Copy::read(&newest, target).map_err(|problem| KeptSecretError::Copy { copy: target.copy(), problem })
}

/// The uids in private state.
pub(super) fn known(private: &Private) -> Result<Uids, PrivateError> {
    Ok(private.get(UIDS)?.unwrap_or_default())
}

/// Keeps them.
pub(super) fn remember(private: &mut Private, uids: &Uids) -> Result<(), PrivateError> {
    private.set_or_remove(UIDS, (!uids.is_empty()).then_some(uids))
}
