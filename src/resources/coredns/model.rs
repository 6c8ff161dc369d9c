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
        text.parse::<IpAddr>().map(drop).map_err(|_| format!("{text:?} is not an IP address, such as 10.96.0.10."))
    })
}

tf_plugin::model! {
    /// All objects of a self-managed CoreDNS: ServiceAccount, ClusterRole and its binding, `ConfigMap`, Service,
    /// Deployment and, with more than one replica, a PodDisruptionBudget.
    ///
    /// The Corefile, generated from the arguments or set as a whole, is checked during plan by the grammar of every
    /// plugin of CoreDNS 1.15.0: what would crash is refused before anything is applied, with line, column and fix.
    /// What kubeadm installed is adopted, and what Talos installed once Talos does not manage it any more. A change
    /// rolls the pods and never deletes a working replica before its successor answers.
    pub struct Coredns {
        /// The namespace. Defaults to `kube-system`. Changing this forces replacement.
        pub namespace: Value<String> => optional().default("kube-system").requires_replace().check(is_label()),
        /// The name of the Deployment, the `ConfigMap`, the ServiceAccount and the PodDisruptionBudget. Defaults to
        /// `coredns`, which other tools expect. Changing this forces replacement.
        pub name: Value<String> => optional().default("coredns").requires_replace().check(is_label()),
        /// The name of the Service, and the value of the label `k8s-app` in its selector. Defaults to `kube-dns`, which
        /// other tools expect. Changing this forces replacement.
        pub service_name: Value<String> => optional().default("kube-dns").requires_replace().check(is_label()),
        /// The address of the Service: the DNS server that the kubelets give their pods, usually the tenth address of
        /// the Service range. Changing this forces replacement.
        pub cluster_ip: Value<String> => required().requires_replace().check(is_address()),
        /// The domain of the cluster. Defaults to `cluster.local`.
        pub cluster_domain: Value<String> => optional().default("cluster.local").check(is_domain()),
        /// The number of replicas. If unset, it is `2` at creation and afterwards whatever the cluster has: an autoscaler
        /// or `kubectl scale` may change it.
        pub replicas: Value<i64> => optional_computed().check(integer_between(1, 1000)),
        /// The image. Defaults to `registry.k8s.io/coredns/coredns:v1.15.0`, the version whose grammar this provider
        /// checks; another version is a warning.
        pub image: Value<String> => optional().default("registry.k8s.io/coredns/coredns:v1.15.0").check(not_empty()),
        /// The servers for all other names: addresses, with a port unless it is 53, also as `tls://address`. Defaults
        /// to the servers of the node's `/etc/resolv.conf`.
        pub upstreams: Value<Vec<String>> => optional().check(not_empty()).check(is_word().each())
            .conflicts_with(&["corefile"]),
        /// Whether to answer queries for IPv6 addresses. Defaults to `true`. With `false` they are answered
        /// immediately, with no records.
        pub ipv6: Value<bool> => optional().default(true).conflicts_with(&["corefile"]),
        /// For how many seconds answers are cached at most. Defaults to `30`; `0` disables the cache.
        pub cache_seconds: Value<i64> => optional().default(30).check(integer_between(0, 86_400))
            .conflicts_with(&["corefile"]),
        /// Tailnets whose names map to Services: `<name>.<domain>` is answered with the addresses of the Service
        /// `<name>`, under the requested name. Every other name of the domain does not exist.
        pub tailnets: Value<Vec<Tailnet>> => optional().conflicts_with(&["corefile"]),
        /// Fixed names and their addresses.
        pub hosts: Value<BTreeMap<String, Vec<String>>> => optional().check(is_domain().keys())
            .conflicts_with(&["corefile"]),
        /// Zones, and the servers that answer for them.
        pub stub_zones: Value<BTreeMap<String, Vec<String>>> => optional().check(is_domain().keys())
            .conflicts_with(&["corefile"]),
        /// Server blocks in the language of the Corefile, appended to it.
        pub extra_server_blocks: Value<String> => optional().conflicts_with(&["corefile"]),
        /// The whole Corefile. Conflicts with `cluster_domain`, `upstreams`, `ipv6`, `cache_seconds`, `tailnets`,
        /// `hosts`, `stub_zones` and `extra_server_blocks`, from which it is generated otherwise.
        pub corefile: Value<String> => optional_computed().check(not_empty()),
        /// Plugins of the image that are not part of CoreDNS. Their arguments are not checked.
        pub known_plugins: Value<Vec<String>> => optional().check(is_word().each()),
        /// Resource requests and limits of each pod. Defaults to requests of 100m CPU and 70Mi memory, and a limit of
        /// 170Mi memory.
        pub resources: Value<Resources> => optional(),
        /// Labels of the nodes that may run the pods. Defaults to `kubernetes.io/os = linux`.
        pub node_selector: Value<BTreeMap<String, String>> => optional(),
        /// Tolerations of the pods. Defaults to `CriticalAddonsOnly` and the taint of the control plane.
        pub tolerations: Value<Vec<Tolerated>> => optional(),
        /// How the pods are spread over nodes or zones. Defaults to one entry with `kubernetes.io/hostname`: pods of one
        /// rollout prefer nodes that have none of them.
        pub topology_spread: Value<Vec<TopologySpread>> => optional(),
        /// The priority class of the pods. Defaults to `system-cluster-critical`.
        pub priority_class: Value<String> => optional().default("system-cluster-critical").check(not_empty()),
        /// Whether to wait until all replicas are new and ready. Defaults to `true`. With `false`, nothing proves that
        /// the new pods start: set it where CoreDNS is applied before there are nodes or a network.
        pub wait_for_rollout: Value<bool> => optional().default(true),
        /// Names that every replica must resolve to an address after a rollout. They are queried through the API
        /// server: no network path to the pods is needed.
        pub verify: Value<Vec<String>> => optional().check(is_domain().each()),
        /// Confirm that Talos does not manage CoreDNS any more (`cluster.coreDNS.disabled: true` in the machine
        /// configuration), so that its objects may be adopted. Defaults to `false`.
        pub take_over_from_talos: Value<bool> => optional().default(false),
        /// Say that whoever kept these objects in step has let go of them, so that they may be taken over: `"k3s"`,
        /// `"eks"`, `"flux"`, `"argocd"` or `"helm"`. Without it, objects with the marks of such an owner are an error
        /// that says how to make it let go; taking them over removes the marks. A value that no object carries changes
        /// nothing. For Talos there is `take_over_from_talos`.
        pub take_over_from: Value<String> => optional().check(one_of(&["k3s", "eks", "flux", "argocd", "helm"])),
        /// Take ownership of fields from other field managers instead of failing. Defaults to `false`.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and create whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take, including the rollout. `create` and `update` default to `"10m"`, `delete` to
        /// `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid of the Deployment.
        pub uid: Value<String> => computed(),
        /// The number of replicas that were ready at the last read.
        pub ready_replicas: Value<i64> => computed(),
    }
}

tf_plugin::model! {
    /// A tailnet whose names map to Services.
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
        /// Resource requests of each pod.
        pub requests: Value<BTreeMap<String, String>> => optional(),
        /// Resource limits of each pod.
        pub limits: Value<BTreeMap<String, String>> => optional(),
    }
}

tf_plugin::model! {
    /// How pods are spread.
    pub struct TopologySpread {
        /// The label of nodes that names the node or zone, such as `topology.kubernetes.io/zone`.
        pub topology_key: Value<String> => required().check(not_empty()),
        /// By how many pods two nodes or zones may differ. Defaults to `1`.
        pub max_skew: Value<i64> => optional().check(integer_between(1, 1000)),
        /// What happens to a pod that would break this: `"ScheduleAnyway"` or `"DoNotSchedule"`. Defaults to
        /// `"ScheduleAnyway"`.
        pub when_unsatisfiable: Value<String> => optional().check(one_of(&["ScheduleAnyway", "DoNotSchedule"])),
    }
}

tf_plugin::model! {
    /// A toleration of the pods.
    pub struct Tolerated {
        /// The key of the taint. Without it, every key.
        pub key: Value<String> => optional(),
        /// How the value is compared: `"Equal"` or `"Exists"`. Defaults to `"Equal"`.
        pub operator: Value<String> => optional().check(one_of(&["Equal", "Exists"])),
        /// The taint's value, for `"Equal"`.
        pub value: Value<String> => optional(),
        /// `"NoSchedule"`, `"PreferNoSchedule"` or `"NoExecute"`. Without it, every effect.
        pub effect: Value<String> => optional().check(one_of(&["NoSchedule", "PreferNoSchedule", "NoExecute"])),
        /// For how many seconds `"NoExecute"` is tolerated. Unlimited if unset.
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

    pub(super) fn waits_for_rollout(&self) -> bool {
        self.wait_for_rollout.as_ref_option() != Some(&false)
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
