//! The arguments and attributes of `tazlab_coredns`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, integer_between, matches, not_empty, one_of};
use tf_plugin::framework::value::Value;

use crate::cluster::rebirth::Triggers;

/// A label of a DNS name, as the API server demands it of names of Services and namespaces.
fn is_label() -> Check {
    matches(
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a Kubernetes name: at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
    )
}

/// A domain name, with or without the dot at its end.
fn is_domain() -> Check {
    matches(
        r"^[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*\.?$",
        "a domain name",
    )
}

/// One word of a Corefile: nothing that could begin another word, line or block.
fn is_word() -> Check {
    matches(r##"^[^\s{}"#]+$"##, "one word without spaces, braces and quotes")
}

fn is_address() -> Check {
    Check::text(|text| {
        text.parse::<IpAddr>().map(drop).map_err(|_| format!("{text:?} is no IP address, such as 10.96.0.10."))
    })
}

tf_plugin::model! {
    /// The whole of a self-managed CoreDNS: service account, cluster role and its binding, `ConfigMap`, Service,
    /// Deployment and, with more than one replica, disruption budget.
    ///
    /// The Corefile, made from the arguments or given as a whole, is checked while planning by the grammar of every
    /// plugin of CoreDNS 1.15.0: what would crash is refused before anything is applied, with line, column and the fix.
    /// What kubeadm installed is adopted, what Talos installed once Talos has let go of it. A change rolls the pods and
    /// never takes a working replica down before its successor answers.
    pub struct Coredns {
        /// The namespace (default `kube-system`). A change makes everything anew.
        pub namespace: Value<String> => optional().default("kube-system").requires_replace().check(is_label()),
        /// The name of the Deployment, the `ConfigMap`, the service account and the disruption budget (default
        /// `coredns`, which other tools look for). A change makes everything anew.
        pub name: Value<String> => optional().default("coredns").requires_replace().check(is_label()),
        /// The name of the Service, and the value of the label `k8s-app` by which it finds its pods (default
        /// `kube-dns`, which other tools look for). A change makes everything anew.
        pub service_name: Value<String> => optional().default("kube-dns").requires_replace().check(is_label()),
        /// The address of the Service: the one that the kubelets tell their pods, usually the tenth of the Service
        /// range. A change makes everything anew.
        pub cluster_ip: Value<String> => required().requires_replace().check(is_address()),
        /// The domain of the cluster (default `cluster.local`).
        pub cluster_domain: Value<String> => optional().default("cluster.local").check(is_domain()),
        /// How many pods answer (default `2`).
        pub replicas: Value<i64> => optional().default(2).check(integer_between(1, 1000)),
        /// The image (default `registry.k8s.io/coredns/coredns:v1.15.0`, the version whose grammar this provider
        /// knows; another one is a warning).
        pub image: Value<String> => optional().default("registry.k8s.io/coredns/coredns:v1.15.0").check(not_empty()),
        /// The servers for all other names: addresses, with a port where it is not 53, also as `tls://address`.
        /// Without it, the servers of the node's `/etc/resolv.conf`.
        pub upstreams: Value<Vec<String>> => optional().check(not_empty()).check(is_word().each())
            .conflicts_with(&["corefile"]),
        /// Answer questions for IPv6 addresses (default `true`). With `false` they are answered with "there is none",
        /// at once.
        pub ipv6: Value<bool> => optional().default(true).conflicts_with(&["corefile"]),
        /// For how many seconds answers are kept at most (default `30`); `0` keeps none.
        pub cache_seconds: Value<i64> => optional().default(30).check(integer_between(0, 86_400))
            .conflicts_with(&["corefile"]),
        /// Tailnets whose names stand for Services: `<name>.<domain>` is answered with the addresses of the Service
        /// `<name>`, under the name that was asked for. Every other name of the domain does not exist.
        pub tailnets: Value<Vec<Tailnet>> => optional().conflicts_with(&["corefile"]),
        /// Fixed names and their addresses.
        pub hosts: Value<BTreeMap<String, Vec<String>>> => optional().check(is_domain().keys())
            .conflicts_with(&["corefile"]),
        /// Zones and the servers that know them.
        pub stub_zones: Value<BTreeMap<String, Vec<String>>> => optional().check(is_domain().keys())
            .conflicts_with(&["corefile"]),
        /// Server blocks in the Corefile's own language, put at its end.
        pub extra_server_blocks: Value<String> => optional().conflicts_with(&["corefile"]),
        /// The Corefile. Set it to write the whole by yourself, in place of `cluster_domain`, `upstreams`, `ipv6`, `cache_seconds`,
        /// `tailnets`, `hosts`, `stub_zones` and `extra_server_blocks`; else it is made from these, and told here.
        pub corefile: Value<String> => optional_computed().check(not_empty()),
        /// Plugins that the image has beside those of CoreDNS itself. Their arguments are not checked.
        pub known_plugins: Value<Vec<String>> => optional().check(is_word().each()),
        /// What each pod asks for and may use. Without it, 100m of CPU and 70Mi of memory are asked for, and 170Mi of
        /// memory may be used.
        pub resources: Value<Resources> => optional(),
        /// Labels of the nodes that may run the pods (default `kubernetes.io/os = linux`).
        pub node_selector: Value<BTreeMap<String, String>> => optional(),
        /// Taints that the pods put up with. Without it, `CriticalAddonsOnly` and that of the control plane.
        pub tolerations: Value<Vec<Tolerated>> => optional(),
        /// The priority class of the pods (default `system-cluster-critical`).
        pub priority_class: Value<String> => optional().default("system-cluster-critical").check(not_empty()),
        /// Names that every replica must resolve to an address after a rollout. They are asked through the API server:
        /// no network path to the pods is needed.
        pub verify: Value<Vec<String>> => optional().check(is_domain().each()),
        /// Say that Talos has let go of CoreDNS (`cluster.coreDNS.disabled: true` in the machine configuration), so
        /// that its objects may be taken over (default `false`).
        pub take_over_from_talos: Value<bool> => optional().default(false),
        /// Take fields over from other field managers instead of failing (default `false`).
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Any values. A change is an update that makes whatever is missing in the cluster: name here what changes
        /// when the cluster is born anew.
        pub triggers: Triggers => optional(),
        /// How long operations may take, rollout included; create and update default to `"10m"`, delete to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid that the cluster gave the Deployment.
        pub uid: Value<String> => computed(),
        /// How many replicas answered when they were last looked at.
        pub ready_replicas: Value<i64> => computed(),
    }
}

tf_plugin::model! {
    /// A tailnet whose names stand for Services.
    pub struct Tailnet {
        /// The tailnet's domain, such as `tail1234.ts.net`.
        pub domain: Value<String> => required().check(is_domain()),
        /// The namespace of the Services.
        pub namespace: Value<String> => required().check(is_label()),
    }
}

tf_plugin::model! {
    /// Resources of a pod, as quantities by name: `{ cpu = "100m", memory = "70Mi" }`.
    pub struct Resources {
        /// What is set aside for each pod.
        pub requests: Value<BTreeMap<String, String>> => optional(),
        /// What each pod may use at most.
        pub limits: Value<BTreeMap<String, String>> => optional(),
    }
}

tf_plugin::model! {
    /// A taint that the pods put up with.
    pub struct Tolerated {
        /// The taint's key; every one without it.
        pub key: Value<String> => optional(),
        /// `"Equal"` (default) or `"Exists"`.
        pub operator: Value<String> => optional().check(one_of(&["Equal", "Exists"])),
        /// The taint's value, for `"Equal"`.
        pub value: Value<String> => optional(),
        /// `"NoSchedule"`, `"PreferNoSchedule"` or `"NoExecute"`; every one without it.
        pub effect: Value<String> => optional().check(one_of(&["NoSchedule", "PreferNoSchedule", "NoExecute"])),
        /// For how long `"NoExecute"` is put up with; for ever without it.
        pub toleration_seconds: Value<i64> => optional(),
    }
}

impl Coredns {
    /// `namespace/name` of the Deployment.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.namespace_name(), self.deployment_name())
    }

    pub(super) fn namespace_name(&self) -> &str {
        self.namespace.as_deref_option().unwrap_or_default()
    }

    pub(super) fn deployment_name(&self) -> &str {
        self.name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn service(&self) -> &str {
        self.service_name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn address(&self) -> &str {
        self.cluster_ip.as_deref_option().unwrap_or_default()
    }

    pub(super) fn replica_count(&self) -> i64 {
        self.replicas.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn takes_over_from_talos(&self) -> bool {
        self.take_over_from_talos.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn names_to_verify(&self) -> &[String] {
        self.verify.as_ref_option().map(Vec::as_slice).unwrap_or_default()
    }

    /// The tailnets, as far as they are known.
    pub(super) fn known_tailnets(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.tailnets.as_ref_option().into_iter().flatten();
        all.filter_map(|tailnet| Some((tailnet.domain.as_deref_option()?, tailnet.namespace.as_deref_option()?)))
    }
}
