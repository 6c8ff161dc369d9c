//! The objects as they are to be. Names, labels and ports are those of kubeadm's install, so that what is there is
//! adopted without a break and other tools find what they expect.
//!
//! Pods mount the ConfigMap's key `Corefile-<checksum>` and not `Corefile`: a pod keeps the Corefile that it was rolled
//! out with, also when it restarts while its successor's crashes. See `docs/design/coredns-rollout.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use tf_plugin::framework::value::Value;

use super::model::{Coredns, Tolerated};
use super::parts::{Part, Sight};
use crate::cluster::{instance, provenance};

/// The port that the liveness probe asks.
pub(super) const HEALTH_PORT: u16 = 8080;
/// The port that the readiness probe asks.
pub(super) const READY_PORT: u16 = 8181;
/// The name of the container.
pub(super) const CONTAINER: &str = "coredns";
/// The annotation of pods that tells those of one rollout from all others.
pub(super) const CHECKSUM: &str = "tazlab.io/checksum";
/// The annotation of the ConfigMap that holds the mark of the template whose rollout was proven.
const PROVEN: &str = "tazlab.io/proven";
/// The ConfigMap's key for the Corefile that is in force.
pub(super) const COREFILE: &str = "Corefile";
/// How the ConfigMap's keys begin that pods mount.
const VERSION: &str = "Corefile-";
/// The label by which the Service finds its pods.
pub(super) const APP: &str = "k8s-app";
/// The label of nodes that no two of them share.
const HOST: &str = "kubernetes.io/hostname";
/// What a constraint does that cannot be met.
const SCHEDULE: &str = "ScheduleAnyway";
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

    /// The key of the ConfigMap that the pods mount.
    fn key(&self) -> String {
        key_of(self.corefile)
    }

    fn files(&self) -> BTreeMap<String, &str> {
        [(COREFILE.to_owned(), self.corefile), (self.key(), self.corefile)].into()
    }

    /// The ConfigMap after a rollout: it says which template was proven. One that rolls, or whose rollout failed, does
    /// not.
    pub(super) fn config_map_in_force(&self) -> Json {
        let mut object = self.object(Part::ConfigMap);
        if let Some(Json::Object(annotations)) = object.pointer_mut("/metadata/annotations") {
            annotations.insert(PROVEN.to_owned(), self.checksum().into());
        }
        object
    }

    /// Did the last apply come to its end, with this very template?
    pub(super) fn is_proven(&self, sight: &Sight) -> bool {
        let annotations = sight.parts.get(&Part::ConfigMap).and_then(|live| live.object.metadata.annotations.as_ref());
        annotations.and_then(|all| all.get(PROVEN)).is_some_and(|proven| *proven == self.checksum())
    }

    /// The ConfigMap where nobody waits for the rollout: the new Corefile is in force, and what running pods mount stays.
    pub(super) fn config_map_without_proof(&self, sight: &Sight) -> Json {
        let mut object = self.config_map_while_rolling(sight);
        if let Some(Json::Object(data)) = object.get_mut("data") {
            data.insert(COREFILE.to_owned(), self.corefile.into());
        }
        object
    }

    /// The ConfigMap for the time of a rollout: what was in force stays so, and what running pods mount stays there.
    pub(super) fn config_map_while_rolling(&self, sight: &Sight) -> Json {
        let mut object = self.object(Part::ConfigMap);
        if let Some(Json::Object(data)) = object.get_mut("data") {
            if let Some(in_force) = sight.file(COREFILE) {
                data.insert(COREFILE.to_owned(), in_force.into());
                data.entry(key_of(in_force)).or_insert_with(|| in_force.into());
            }
            // After a rollout that failed, the pods that work are not those that the template names.
            for (key, content) in sight.files().filter(|(key, _)| key.starts_with(VERSION)) {
                data.entry(key).or_insert_with(|| content.clone());
            }
            let mounted = sight.deployment().and_then(|live| {
                live.object
                    .value
                    .pointer("/spec/template/spec/volumes")?
                    .as_array()?
                    .iter()
                    .find_map(|volume| volume.pointer("/configMap/items/0/key")?.as_str())
            });
            if let Some((key, content)) = mounted.and_then(|key| Some((key, sight.file(key)?))) {
                data.entry(key).or_insert_with(|| content.into());
            }
        }
        object
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

    fn template(&self, mark: &str) -> Json {
        let probe = |path: &str, port: u16| json!({"path": path, "port": port, "scheme": "HTTP"});
        let port =
            |name: &str, port: u16, protocol: &str| json!({"name": name, "containerPort": port, "protocol": protocol});
        json!({
            "metadata": {"labels": self.selector(), "annotations": {CHECKSUM: mark}},
            "spec": {
                "serviceAccountName": Part::ServiceAccount.name(self.model),
                "priorityClassName": self.model.priority_class.as_deref_option(),
                // The node's own resolver, not the one that this is.
                "dnsPolicy": "Default",
                "nodeSelector": self.node_selector(),
                "tolerations": self.tolerations(),
                "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{
                    "weight": 100,
                    "podAffinityTerm": {
                        "topologyKey": HOST,
                        "labelSelector": {"matchExpressions": [
                            {"key": APP, "operator": "In", "values": [self.model.service()]},
                        ]},
                    },
                }]}},
                "topologySpreadConstraints": self.spread(),
                "containers": [{
                    "name": CONTAINER,
                    "image": self.model.image.as_deref_option(),
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["-conf", "/etc/coredns/Corefile"],
                    "resources": self.resources(),
                    "ports": [
                        port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP"),
                    ],
                    "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": true}],
                    "livenessProbe": {
                        "httpGet": probe("/health", HEALTH_PORT),
                        "initialDelaySeconds": 60, "timeoutSeconds": 5, "successThreshold": 1, "failureThreshold": 5,
                    },
                    "readinessProbe": {
                        "httpGet": probe("/ready", READY_PORT),
                        // The kubelet looks at once and then every so often: a rollout is as fast as this.
                        "periodSeconds": 2, "timeoutSeconds": 2, "successThreshold": 1, "failureThreshold": 3,
                    },
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "readOnlyRootFilesystem": true,
                        "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
                    },
                }],
                "volumes": [{
                    "name": "config-volume",
                    "configMap": {
                        "name": Part::ConfigMap.name(self.model),
                        "items": [{"key": self.key(), "path": "Corefile"}],
                    },
                }],
            },
        })
    }

    fn spread(&self) -> Json {
        // Nodes that have a replica of this very rollout come last. Without the label of the rollout, one on two nodes may end
        // with all replicas on one of them: each new one finds an old one on either.
        let constraint = |key: &str, skew: i64, otherwise: &str| {
            json!({
                "maxSkew": skew,
                "topologyKey": key,
                "whenUnsatisfiable": otherwise,
                "labelSelector": {"matchLabels": self.selector()},
                "matchLabelKeys": ["pod-template-hash"],
            })
        };
        match self.model.topology_spread.as_ref_option() {
            None => json!([constraint(HOST, 1, SCHEDULE)]),
            Some(all) => all
                .iter()
                .map(|spread| {
                    let otherwise = spread.when_unsatisfiable.as_deref_option().unwrap_or(SCHEDULE);
                    let skew = spread.max_skew.as_ref_option().copied().unwrap_or(1);
                    constraint(spread.topology_key.as_deref_option().unwrap_or_default(), skew, otherwise)
                })
                .collect(),
        }
    }

    fn node_selector(&self) -> Json {
        match self.model.node_selector.as_ref_option() {
            Some(labels) => json!(labels),
            None => json!({"kubernetes.io/os": "linux"}),
        }
    }

    fn tolerations(&self) -> Json {
        match self.model.tolerations.as_ref_option() {
            Some(all) => all.iter().map(toleration).collect(),
            None => json!([
                {"key": "CriticalAddonsOnly", "operator": "Exists"},
                {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
            ]),
        }
    }

    fn resources(&self) -> Json {
        let Some(resources) = self.model.resources.as_ref_option() else {
            return json!({"requests": {"cpu": "100m", "memory": "70Mi"}, "limits": {"memory": "170Mi"}});
        };
        let mut given = Map::new();
        for (name, quantities) in [("requests", &resources.requests), ("limits", &resources.limits)] {
            if let Some(quantities) = quantities.as_ref_option() {
                given.insert(name.to_owned(), json!(quantities));
            }
        }
        Json::Object(given)
    }
}

fn toleration(toleration: &Tolerated) -> Json {
    let mut given = Map::new();
    let texts = [
        ("key", &toleration.key),
        ("operator", &toleration.operator),
        ("value", &toleration.value),
        ("effect", &toleration.effect),
    ];
    for (name, value) in texts {
        if let Value::Value(text) = value {
            given.insert(name.to_owned(), text.clone().into());
        }
    }
    if let Value::Value(seconds) = toleration.toleration_seconds {
        given.insert("tolerationSeconds".to_owned(), seconds.into());
    }
    Json::Object(given)
}

/// The key of the ConfigMap that the pods with this Corefile mount.
fn key_of(corefile: &str) -> String {
    format!("{VERSION}{}", checksum(corefile.as_bytes()))
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
