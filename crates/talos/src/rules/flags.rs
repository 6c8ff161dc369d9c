//! Flags of components in `extraArgs`: those that Talos keeps for itself, those that no component would start with. The
//! machinery's `Validate` looks at none of them.
//!
//! Talos 1.13.9: the merge policies in `internal/app/machined/pkg/controllers/k8s/control_plane_static_pod.go` (API server
//! :420, controller manager :611, scheduler :773), `kubelet_spec.go` (:179), `control_plane.go` (`getProxyArgs`), and the
//! deny list in `internal/app/machined/pkg/system/services/etcd.go` (`argsForInit`, `argsForControlPlane`). A denied flag
//! ends the merge with an error (`pkg/argsbuilder/argsbuilder_args.go`), and nothing is rendered or started.

use super::Rules;
use super::removed;
use crate::value::Value;

/// A component, and what becomes of it when a flag is set that Talos keeps for itself.
pub(super) struct Component {
    /// Its program.
    pub(super) program: &'static str,
    /// Where its settings are.
    pub(super) settings: &'static str,
    /// The path of its flags, and the name of the rule.
    pub(super) rule: &'static str,
    own: &'static [&'static str],
    outcome: &'static str,
}

/// All components that Talos runs.
pub(super) const COMPONENTS: &[Component] = &[
    Component {
        program: "kube-apiserver",
        settings: "cluster.apiServer",
        rule: "cluster.apiServer.extraArgs",
        own: &[
            "authorization-config",
            "client-ca-file",
            "encryption-provider-config",
            "etcd-cafile",
            "etcd-certfile",
            "etcd-keyfile",
            "etcd-servers",
            "kubelet-client-certificate",
            "kubelet-client-key",
            "proxy-client-cert-file",
            "proxy-client-key-file",
            "requestheader-client-ca-file",
            "service-account-key-file",
            "service-account-signing-key-file",
            "tls-cert-file",
            "tls-private-key-file",
        ],
        outcome: "makes no API server at all",
    },
    Component {
        program: "kube-controller-manager",
        settings: "cluster.controllerManager",
        rule: "cluster.controllerManager.extraArgs",
        own: &[
            "authentication-kubeconfig",
            "authorization-kubeconfig",
            "cluster-signing-cert-file",
            "cluster-signing-key-file",
            "root-ca-file",
            "service-account-private-key-file",
        ],
        outcome: "makes no controller manager at all",
    },
    Component {
        program: "kube-scheduler",
        settings: "cluster.scheduler",
        rule: "cluster.scheduler.extraArgs",
        own: &["authentication-kubeconfig", "authorization-kubeconfig", "config", "kubeconfig"],
        outcome: "makes no scheduler at all",
    },
    Component {
        program: "kube-proxy",
        settings: "cluster.proxy",
        rule: "cluster.proxy.extraArgs",
        own: &["kubeconfig"],
        outcome: "applies no manifests at all: no kube-proxy, no CNI, no CoreDNS",
    },
    Component {
        program: "kubelet",
        settings: "machine.kubelet",
        rule: "machine.kubelet.extraArgs",
        own: &[
            "bootstrap-kubeconfig",
            "cert-dir",
            "config",
            "container-runtime",
            "container-runtime-endpoint",
            "kubeconfig",
        ],
        outcome: "starts no kubelet at all",
    },
    Component {
        program: "etcd",
        settings: "cluster.etcd",
        rule: "cluster.etcd.extraArgs",
        own: &[
            "auto-tls",
            "cert-file",
            "client-cert-auth",
            "data-dir",
            "experimental-compact-hash-check-enabled",
            "experimental-initial-corrupt-check",
            "experimental-watch-progress-notify-interval",
            "key-file",
            "listen-client-urls",
            "listen-peer-urls",
            "name",
            "peer-auto-tls",
            "peer-cert-file",
            "peer-client-cert-auth",
            "peer-key-file",
            "peer-trusted-ca-file",
            "trusted-ca-file",
        ],
        outcome: "starts no etcd at all",
    },
];

/// Plugins of admission that one of Kubernetes 1.31 to 1.37 has (`pkg/kubeapiserver/options/plugins.go`).
const ADMISSION_PLUGINS: &[&str] = &[
    "AlwaysAdmit",
    "AlwaysDeny",
    "AlwaysPullImages",
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "ClusterTrustBundleAttest",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "DenyServiceExternalIPs",
    "EventRateLimit",
    "ExtendedResourceToleration",
    "ImagePolicyWebhook",
    "LimitPodHardAntiAffinityTopology",
    "LimitRanger",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "NamespaceAutoProvision",
    "NamespaceExists",
    "NamespaceLifecycle",
    "NodeDeclaredFeatureValidator",
    "NodeRestriction",
    "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize",
    "PersistentVolumeLabel",
    "PodGroupProtection",
    "PodNodeSelector",
    "PodResizeValidator",
    "PodSecurity",
    "PodTolerationRestriction",
    "PodTopologyLabels",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
];

/// What Talos enables itself; a patch adds to it.
const ENABLED: &str = "NodeRestriction";

/// The values of a flag: one, or a list of them since Talos 1.13.
pub(super) fn texts(flag: &Value) -> Vec<&str> {
    match flag.items() {
        [] if flag.is_nil() => Vec::new(),
        [] => vec![flag.text()],
        items => items.iter().map(Value::text).collect(),
    }
}

/// The words of a flag that takes a list with commas, given once or several times.
pub(super) fn words(flag: &Value) -> impl Iterator<Item = &str> {
    texts(flag).into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

pub(super) fn components(rules: &mut Rules<'_>, config: &Value) {
    for component in COMPONENTS {
        let settings = config.at_path(component.settings);
        for (flag, value) in settings.get("extraArgs").entries() {
            let path = format!("{}.{flag}", component.rule);
            if component.own.contains(&flag) {
                let outcome = component.outcome;
                let text = format!("Talos sets --{flag} itself and {outcome} when a patch sets it");
                rules.refuse(component.rule, value, &path, text);
            } else if flag.starts_with('-') || flag.contains(['=', ' ']) {
                let text = format!(
                    "a flag is written without dashes and without its value: {} would not start",
                    component.program
                );
                rules.refuse(component.rule, value, &path, text);
            } else if let Some(text) = removed::reason(component.program, flag, settings.get("image")) {
                rules.refuse(component.rule, value, &path, text);
            } else if flag == "feature-gates" {
                gates(rules, component, value, &path);
            }
        }
    }
    plugins(rules, config.at_path("cluster.apiServer.extraArgs"));
}

/// `Gate=true,Other=false` (k8s.io/component-base 0.36, `featuregate/feature_gate.go`). Which gates there are differs by
/// version, and is not judged.
fn gates(rules: &mut Rules<'_>, component: &Component, value: &Value, path: &str) {
    const TRUTHS: &[&str] = &["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"];
    let wrong = words(value).find(|gate| gate.split_once('=').is_none_or(|(_, truth)| !TRUTHS.contains(&truth.trim())));
    if let Some(gate) = wrong {
        let text = format!(
            "{gate:?} is not a feature gate with its value, as in Gate=true: {} would not start",
            component.program
        );
        rules.refuse(component.rule, value, path, text);
    }
}

/// k8s.io/apiserver 0.36, `pkg/server/options/admission.go` (`Validate`).
fn plugins(rules: &mut Rules<'_>, flags: &Value) {
    const RULE: &str = "cluster.apiServer.extraArgs";
    let enabled: Vec<&str> = words(flags.get("enable-admission-plugins")).chain([ENABLED]).collect();
    for flag in ["enable-admission-plugins", "disable-admission-plugins"] {
        let value = flags.get(flag);
        let path = format!("{RULE}.{flag}");
        for name in words(value) {
            if !ADMISSION_PLUGINS.contains(&name) {
                let text = format!("there is no admission plugin {name}: kube-apiserver would not start");
                rules.refuse(RULE, value, &path, text);
            } else if flag.starts_with("disable") && enabled.contains(&name) {
                let by = if name == ENABLED { "Talos enables it" } else { "enable-admission-plugins has it, too" };
                let text = format!("{name} cannot be disabled, since {by}: kube-apiserver would not start");
                rules.refuse(RULE, value, &path, text);
            }
        }
    }
}
