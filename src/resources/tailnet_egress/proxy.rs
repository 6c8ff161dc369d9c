//! The proxy that the operator makes for a Service: a `StatefulSet` of one pod, in the operator's own namespace.

use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use tazlab_clients::kubernetes::{Call, Client, Kind, Seen, Selector};
use tf_plugin::framework::context::Context;
use tokio::time::Instant;

use super::errors::EgressError;
use crate::cluster::object::Place;
use crate::cluster::tailscale_operator::{PARENT, PARENT_NAMESPACE};
use crate::cluster::vigil::Vigil;
use crate::cluster::{Cluster, Failure};

/// How often is looked why a proxy is not ready.
const LOOK: Duration = Duration::from_secs(5);

/// How long that may take.
const QUESTION: Duration = Duration::from_secs(3);

/// Waits until the proxy's pod is ready.
pub(super) async fn until_ready<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    service: &Place,
) -> Result<(), EgressError> {
    let labels =
        format!("{PARENT}={},{PARENT_NAMESPACE}={}", service.name, service.namespace.as_deref().unwrap_or_default());
    let watch = |client: Client, call: Call| async move {
        let (kind, of) = (Kind::of::<StatefulSet>(), Selector::Labels(labels));
        let changes = client.watch_parts::<StatefulSet>(&call, &kind, None, Some(&of), None);
        Ok((client, changes))
    };
    let (client, changes) = cluster.ask(context, watch).await?;
    let mut vigil = Vigil::new(context, changes);
    let mut proxy: Option<StatefulSet> = None;
    let mut look = Instant::now() + LOOK;
    vigil.tell(format!("the operator has not created a proxy for {service} yet"));
    loop {
        match vigil.next(Some(look)).await {
            Ok(Some(Seen::All(all))) => proxy = all.into_iter().next().map(|live| live.object.0),
            Ok(Some(Seen::Changed(live))) => proxy = Some(live.object.0),
            Ok(Some(Seen::Gone(_))) => proxy = None,
            Ok(Some(Seen::Lost(_))) => continue,
            Ok(None) => {
                look = Instant::now() + LOOK;
                if let Some(proxy) = &proxy {
                    vigil.tell(explained(&client, proxy).await);
                }
                continue;
            }
            Err(failure) => {
                let seen = match (&proxy, &failure) {
                    (Some(proxy), Failure::Interrupted { .. }) if !context.stop().is_cancelled() => {
                        explained(&client, proxy).await
                    }
                    _ => vigil.told().to_owned(),
                };
                return Err(EgressError::Proxy { seen, failure });
            }
        }
        match &proxy {
            Some(proxy) if is_ready(proxy) => return Ok(()),
            Some(proxy) => vigil.tell(unready(proxy)),
            None => vigil.tell(format!("the operator has not created a proxy for {service} yet")),
        }
    }
}

/// Is its pod ready, and of the present template?
pub(super) fn is_ready(proxy: &StatefulSet) -> bool {
    let Some(status) = &proxy.status else { return false };
    let current = status.observed_generation.is_none_or(|seen| Some(seen) >= proxy.metadata.generation);
    let rolled = status.update_revision == status.current_revision || status.updated_replicas.unwrap_or_default() > 0;
    current && rolled && status.ready_replicas.unwrap_or_default() > 0
}

fn name(proxy: &StatefulSet) -> (&str, &str) {
    let metadata = &proxy.metadata;
    (metadata.namespace.as_deref().unwrap_or_default(), metadata.name.as_deref().unwrap_or_default())
}

fn unready(proxy: &StatefulSet) -> String {
    let (namespace, name) = name(proxy);
    let made = proxy.status.as_ref().is_some_and(|status| status.replicas > 0);
    let what = if made { "its pod is not ready" } else { "it has no pod" };
    format!("the proxy is StatefulSet {namespace}/{name}, and {what}")
}

/// The same with what the cluster says about it: what keeps the pod, or why there is none.
async fn explained(client: &Client, proxy: &StatefulSet) -> String {
    let (namespace, _) = name(proxy);
    let call = Call::default().within(QUESTION);
    let labels = proxy.spec.as_ref().and_then(|spec| spec.selector.match_labels.clone()).unwrap_or_default();
    let of = Selector::Labels(labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(","));
    let pods = client.find::<Pod>(&call, Some(namespace), &of).await.unwrap_or_default();
    let trouble = pods.iter().find_map(|live| trouble(&live.object));
    let uid = match pods.first() {
        Some(live) => live.object.metadata.uid.clone(),
        None => proxy.metadata.uid.clone(),
    };
    let events = match uid {
        Some(uid) => client.warnings_about_uid(&call, namespace, &uid).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let why = trouble.or_else(|| events.last().cloned());
    why.map_or_else(|| unready(proxy), |why| format!("{}: {why}", unready(proxy)))
}

/// What keeps a pod from being ready, in the words of the kubelet or the scheduler.
pub(super) fn trouble(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    let waiting = containers.filter_map(|container| container.state.as_ref()?.waiting.as_ref());
    let told = waiting
        .filter(|waiting| waiting.message.is_some())
        .find_map(|waiting| Some(format!("{}: {}", waiting.reason.as_deref()?, waiting.message.as_deref()?)));
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let unscheduled =
        conditions.iter().find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    told.or_else(|| {
        let condition = unscheduled?;
        Some(format!("{}: {}", condition.reason.as_deref().unwrap_or_default(), condition.message.as_deref()?))
    })
}
