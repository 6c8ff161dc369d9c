//! The objects as they are to be. Names, labels and ports are those of kubeadm's install, so that what is there is
//! adopted without a break and other tools find what they expect.
//!
//! Pods mount the ConfigMap's key `Corefile-<checksum>` and not `Corefile`: a pod keeps the Corefile that it was rolled
//! out with, also when it restarts while its successor's crashes. See `docs/design/coredns-rollout.md`.

mod config_map;
mod pod;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

pub(super) use pod::SCHEDULE;

use super::model::Coredns;
use super::parts::{APP, Part};
use crate::cluster::{instance, provenance};

/// The port that the liveness probe asks.
pub(super) const HEALTH_PORT: u16 = 8080;
/// The port that the readiness probe asks.
pub(super) const READY_PORT: u16 = 8181;
/// The name of the container.
pub(super) const CONTAINER: &str = "coredns";
/// The annotation of pods that tells those of one rollout from all others.
pub(super) const CHECKSUM: &str = "tazlab.io/checksum";
/// The ConfigMap's key for the Corefile that is in force.
pub(super) const COREFILE: &str = "Corefile";
/// With how many replicas a Deployment begins that others scale.
pub(super) const FIRST_REPLICAS: i64 = 2;
/// Whose inventory an object stands in, as cli-utils (and with it Talos) has it.
const INVENTORY: &str = "config.k8s.io/owning-inventory";

/// What the objects are made from.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    model: &'a Coredns,
    corefile: &'a str,
    id: Option<&'a str>,
    /// `None` where others scale.
    replicas: Option<i64>,
    /// The objects that others made.
    adopted: BTreeSet<Part>,
}

impl<'a> Wanted<'a> {
    /// `id` marks the objects; `None` leaves the mark out, for a comparison. `replicas` is what the configuration asks for;
    /// `None` leaves the number to whoever scales.
    pub(super) fn new(model: &'a Coredns, corefile: &'a str, id: Option<&'a str>, replicas: Option<i64>) -> Self {
        Self { model, corefile, id, replicas, adopted: BTreeSet::new() }
    }

    pub(super) fn replicas(&self) -> Option<i64> {
        self.replicas
    }

    /// The same, with a note on the objects that others made.
    pub(super) fn noting(self, adopted: BTreeSet<Part>) -> Self {
        Self { adopted, ..self }
    }

    /// The object, for server-side apply.
    pub(super) fn object(&self, part: Part) -> Json {
        let mut object = match part {
            Part::ServiceAccount => json!({}),
            Part::ClusterRole => json!({"rules": rules()}),
            Part::ClusterRoleBinding => self.binding(),
            Part::ConfigMap => json!({"data": self.files()}),
            Part::Service => self.service(),
            Part::Deployment => self.deployment(),
            Part::DisruptionBudget => json!({"spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": self.selector()},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            }}),
        };
        if let Json::Object(fields) = &mut object {
            let kind = part.kind();
            let version = if kind.group.is_empty() { kind.version } else { format!("{}/{}", kind.group, kind.version) };
            fields.insert("apiVersion".to_owned(), version.into());
            fields.insert("kind".to_owned(), kind.kind.into());
            fields.insert("metadata".to_owned(), self.metadata(part));
        }
        object
    }

    fn metadata(&self, part: Part) -> Json {
        let mut labels: Map<String, Json> = Map::new();
        labels.insert(APP.to_owned(), self.model.service().into());
        if matches!(part, Part::Service | Part::Deployment) {
            labels.insert("kubernetes.io/name".to_owned(), "CoreDNS".into());
        }
        let mut annotations: Map<String, Json> = Map::new();
        if part == Part::Service {
            labels.insert("kubernetes.io/cluster-service".to_owned(), "true".into());
            annotations.insert("prometheus.io/port".to_owned(), "9153".into());
            annotations.insert("prometheus.io/scrape".to_owned(), "true".into());
        }
        if let Some(id) = self.id {
            annotations.insert(instance::ANNOTATION.to_owned(), id.into());
        }
        if self.adopted.contains(&part) {
            annotations.insert(provenance::ADOPTED.to_owned(), "true".into());
        }
        if self.model.takes_over_from_talos() {
            annotations.insert(INVENTORY.to_owned(), "terraform-provider-tazlab".into());
        }
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), part.name(self.model).into());
        metadata.insert("labels".to_owned(), labels.into());
        metadata.insert("annotations".to_owned(), annotations.into());
        if let Some(namespace) = part.namespace(self.model) {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
        metadata.into()
    }

    fn selector(&self) -> Json {
        json!({APP: self.model.service()})
    }

    fn binding(&self) -> Json {
        json!({
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                "name": Part::ClusterRole.name(self.model),
            },
            "subjects": [{
                "kind": "ServiceAccount", "name": Part::ServiceAccount.name(self.model),
                "namespace": self.model.namespace_name(),
            }],
        })
    }

    fn service(&self) -> Json {
        let port = |name: &str, port: u16, protocol: &str| json!({"name": name, "port": port, "protocol": protocol, "targetPort": port});
        json!({"spec": {
            "clusterIP": self.model.address(),
            "selector": self.selector(),
            "ports": [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")],
        }})
    }

    fn deployment(&self) -> Json {
        let mut object = json!({"spec": {
            "selector": {"matchLabels": self.selector()},
            // A replica that works goes only when its successor is ready.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": self.template(&self.checksum()),
        }});
        if let (Some(replicas), Some(Json::Object(spec))) = (self.replicas, object.get_mut("spec")) {
            spec.insert("replicas".to_owned(), replicas.into());
        }
        object
    }

    /// The Deployment where there is none yet: somebody has to say with how many replicas it begins.
    pub(super) fn first_deployment(&self) -> Json {
        let replicas = self.replicas.unwrap_or(FIRST_REPLICAS);
        Self { replicas: Some(replicas), ..self.clone() }.object(Part::Deployment)
    }

    /// What a field manager of its own owns of a Deployment that others scale, see `scale`.
    pub(super) fn scale(&self, replicas: i64) -> Json {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": Part::Deployment.name(self.model), "namespace": self.model.namespace_name()},
            "spec": {"replicas": replicas},
        })
    }

    /// The mark of the pods of this very template.
    pub(super) fn checksum(&self) -> String {
        checksum(self.template("").to_string().as_bytes())
    }
}

/// What CoreDNS' plugin kubernetes reads.
fn rules() -> Json {
    json!([
        {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ])
}

/// FNV-1a, 64 bits: tells one text from the next; nothing rests on nobody finding a second one.
fn checksum(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
