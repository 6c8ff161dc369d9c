//! The pods of the Deployment: their template, and where they are scheduled.

use serde_json::{Map, Value as Json, json};
use tf_plugin::framework::value::Value;

use super::super::model::Tolerated;
use super::super::parts::{APP, Part};
use super::{CHECKSUM, CONTAINER, HEALTH_PORT, READY_PORT, Wanted};

/// The label of nodes that no two of them share.
const HOST: &str = "kubernetes.io/hostname";

/// What a constraint does that cannot be met.
pub(in crate::resources::coredns) const SCHEDULE: &str = "ScheduleAnyway";

impl Wanted<'_> {
    pub(super) fn template(&self, mark: &str) -> Json {
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
