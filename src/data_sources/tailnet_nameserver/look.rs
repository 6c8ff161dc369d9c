//! What of the nameserver and its operator is in the cluster.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use serde::Deserialize;
use tazlab_clients::kubernetes::{Call, Client, Selector};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::value::Value;

use super::model::TailnetNameserver;
use crate::cluster::tailscale_operator::{PROXY_READY, TAILNET_FQDN};
use crate::cluster::{Cluster, Failure};

/// The name of the nameserver's Deployment and Service, and the value of its pods' label `app`.
pub(super) const NAMESERVER: &str = "nameserver";

/// The `ConfigMap` with the records, and its key.
pub(super) const RECORDS: (&str, &str) = ("dnsrecords", "records.json");

/// Names and their IPv4 addresses.
pub(super) type Records = BTreeMap<String, Vec<String>>;

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) operator: Option<Deployment>,
    pub(super) nameserver: Option<Deployment>,
    pub(super) address: Option<String>,
    /// The content of the key with the records; `None` where `ConfigMap` or key are missing.
    pub(super) content: Option<String>,
    /// The records, where the content is understood.
    pub(super) records: Option<Records>,
    /// The pods of the nameserver that are ready.
    pub(super) pods: Vec<String>,
    /// The names that egress Services stand for whose proxy was made, and the Services.
    pub(super) expected: BTreeMap<String, String>,
}

/// The document that the operator writes.
#[derive(Deserialize)]
struct Document {
    version: String,
    #[serde(default)]
    ip4: Option<Records>,
}

/// The records of a document in the version that the nameserver takes.
pub(super) fn records(content: &str) -> Option<Records> {
    let document: Document = serde_json::from_str(content).ok()?;
    (document.version == "v1alpha1").then(|| document.ip4.unwrap_or_default())
}

/// Looks at everything, within `connect_timeout`.
pub(super) async fn look<D>(
    cluster: &Cluster,
    context: &Context<D>,
    namespace: &str,
    operator: &str,
) -> Result<Seen, Failure> {
    let all = |client: Client, call: Call| async move {
        let labels = Selector::Labels(format!("app={NAMESERVER}"));
        let everything = Selector::Labels(String::new());
        let (operator, nameserver, service, map, pods, services) = tokio::try_join!(
            client.get::<Deployment>(&call, Some(namespace), operator),
            client.get::<Deployment>(&call, Some(namespace), NAMESERVER),
            client.get::<Service>(&call, Some(namespace), NAMESERVER),
            client.get::<ConfigMap>(&call, Some(namespace), RECORDS.0),
            client.find::<Pod>(&call, Some(namespace), &labels),
            client.find::<Service>(&call, None, &everything),
        )?;
        let document = map.and_then(|live| live.object.data?.remove(RECORDS.1));
        Ok(Seen {
            operator: operator.map(|live| live.object),
            nameserver: nameserver.map(|live| live.object),
            address: service.and_then(|live| live.object.spec?.cluster_ip),
            records: document.as_deref().and_then(records),
            content: document,
            pods: pods
                .into_iter()
                .map(|live| live.object)
                .filter(is_ready)
                .filter_map(|pod| pod.metadata.name)
                .collect(),
            expected: services.into_iter().filter_map(|live| stands_for(&live.object)).collect(),
        })
    };
    // It waits for six answers at once.
    Box::pin(cluster.look(context, all)).await
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    pod.metadata.deletion_timestamp.is_none()
        && conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True")
}

/// The name that an egress Service stands for, and the Service.
fn stands_for(service: &Service) -> Option<(String, String)> {
    let metadata = &service.metadata;
    let fqdn = metadata.annotations.as_ref()?.get(TAILNET_FQDN)?;
    let conditions = service.status.as_ref()?.conditions.as_ref()?;
    let made = conditions.iter().any(|one| one.type_ == PROXY_READY && one.status == "True");
    let name = format!("{}/{}", metadata.namespace.as_deref()?, metadata.name.as_deref()?);
    made.then(|| (fqdn.trim_end_matches('.').to_owned(), name))
}

/// The image of a Deployment's first container.
pub(super) fn image(deployment: &Deployment) -> Option<&str> {
    deployment.spec.as_ref()?.template.spec.as_ref()?.containers.first()?.image.as_deref()
}

impl Seen {
    /// Fills in the attributes that tell what was seen.
    pub(super) fn fill(&self, model: &mut TailnetNameserver) {
        let image_of =
            |deployment: &Option<Deployment>| Value::from(deployment.as_ref().and_then(image).map(ToOwned::to_owned));
        model.address = self.address.clone().into();
        model.image = image_of(&self.nameserver);
        model.operator_image = image_of(&self.operator);
        model.records = self.records.clone().into();
    }
}
