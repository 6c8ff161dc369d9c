//! Flags that Kubernetes or etcd removed: a component that gets one ends with "unknown flag".
//!
//! Compared in the sources of 1.18.20, 1.22.17, 1.26.15, 1.31.14 and 1.36.3 (`cmd/*/app/options`, k8s.io/apiserver
//! `pkg/server/options`, k8s.io/component-base `logs`, k8s.io/cloud-provider `options`), and of etcd 3.3.27, 3.5.21 and
//! 3.6.12 (`server/etcdmain/config.go`). Talos 1.13.9 runs Kubernetes 1.31 to 1.36, and etcd 3.6.12 unless an image is set.

use crate::value::Value;

/// The oldest Kubernetes that Talos 1.13 runs.
const OLDEST: u32 = 31;
/// The minor version of the etcd that Talos 1.13 runs.
const ETCD: u32 = 6;

/// Flags of klog, which every component of Kubernetes had until 1.25.
const KLOG: &[&str] = &[
    "add-dir-header",
    "alsologtostderr",
    "log-backtrace-at",
    "log-dir",
    "log-file",
    "log-file-max-size",
    "logtostderr",
    "one-output",
    "skip-headers",
    "skip-log-headers",
    "stderrthreshold",
];

/// By program: flags that are gone, and the first minor version that is known to be without them.
const GONE: &[(&str, &[(&str, u32)])] = &[
    (
        "kube-apiserver",
        &[
            ("address", 31),
            ("basic-auth-file", 31),
            ("cloud-config", 36),
            ("cloud-provider", 36),
            ("cloud-provider-gce-l7lb-src-cidrs", 31),
            ("cloud-provider-gce-lb-src-cidrs", 31),
            ("deserialization-cache-size", 31),
            ("enable-swagger-ui", 31),
            ("experimental-encryption-provider-config", 31),
            ("experimental-logging-sanitization", 31),
            ("identity-lease-duration-seconds", 31),
            ("identity-lease-renew-interval-seconds", 31),
            ("insecure-bind-address", 31),
            ("insecure-port", 31),
            ("kubelet-https", 31),
            ("master-service-namespace", 31),
            ("port", 31),
            ("service-account-api-audiences", 31),
            ("ssh-keyfile", 31),
            ("ssh-user", 31),
            ("target-ram-mb", 31),
        ],
    ),
    (
        "kube-controller-manager",
        &[
            ("address", 31),
            ("cloud-provider-gce-l7lb-src-cidrs", 31),
            ("cloud-provider-gce-lb-src-cidrs", 31),
            ("deleting-pods-burst", 31),
            ("deleting-pods-qps", 31),
            ("deployment-controller-sync-period", 31),
            ("enable-taint-manager", 31),
            ("experimental-cluster-signing-duration", 31),
            ("experimental-logging-sanitization", 31),
            ("horizontal-pod-autoscaler-downscale-delay", 31),
            ("horizontal-pod-autoscaler-upscale-delay", 31),
            ("horizontal-pod-autoscaler-use-rest-clients", 31),
            ("pod-eviction-timeout", 31),
            ("port", 31),
            ("register-retry-count", 31),
            ("volume-host-allow-local-loopback", 31),
            ("volume-host-cidr-denylist", 31),
        ],
    ),
    (
        "kube-scheduler",
        &[
            ("address", 31),
            ("algorithm-provider", 31),
            ("experimental-logging-sanitization", 31),
            ("hard-pod-affinity-symmetric-weight", 31),
            ("lock-object-name", 31),
            ("lock-object-namespace", 31),
            ("policy-config-file", 31),
            ("policy-configmap", 31),
            ("policy-configmap-namespace", 31),
            ("port", 31),
            ("scheduler-name", 31),
            ("use-legacy-policy-config", 31),
        ],
    ),
    ("kube-proxy", &[("cleanup-ipvs", 31), ("experimental-logging-sanitization", 31), ("udp-timeout", 31)]),
    (
        "kubelet",
        &[
            ("azure-container-registry-config", 31),
            ("bootstrap-checkpoint-path", 31),
            ("chaos-chance", 31),
            ("cloud-config", 36),
            ("cni-bin-dir", 31),
            ("cni-cache-dir", 31),
            ("cni-conf-dir", 31),
            ("docker-endpoint", 31),
            ("dynamic-config-dir", 31),
            ("enable-cadvisor-json-endpoints", 31),
            ("experimental-bootstrap-kubeconfig", 31),
            ("experimental-check-node-capabilities-before-mount", 31),
            ("experimental-dockershim", 31),
            ("experimental-dockershim-root-directory", 31),
            ("experimental-kernel-memcg-notification", 31),
            ("experimental-logging-sanitization", 31),
            ("image-pull-progress-deadline", 31),
            ("iptables-drop-bit", 31),
            ("iptables-masquerade-bit", 31),
            ("keep-terminated-pod-volumes", 31),
            ("master-service-namespace", 31),
            ("network-plugin", 31),
            ("network-plugin-mtu", 31),
            ("non-masquerade-cidr", 31),
            ("pod-infra-container-image", 36),
            ("really-crash-for-testing", 31),
            ("redirect-container-streaming", 31),
            ("register-schedulable", 36),
            ("seccomp-profile-root", 31),
        ],
    ),
    (
        "etcd",
        &[
            ("ca-file", 6),
            ("enable-v2", 6),
            ("experimental-enable-v2v3", 6),
            ("log-output", 6),
            ("log-package-levels", 6),
            ("peer-ca-file", 6),
            ("proxy-dial-timeout", 6),
            ("proxy-failure-wait", 6),
            ("proxy-read-timeout", 6),
            ("proxy-refresh-interval", 6),
            ("proxy-write-timeout", 6),
        ],
    ),
];

/// Why a flag ends its program, if that is certain: the version is the one that the patch sets, else the oldest that Talos
/// runs.
pub(super) fn reason(program: &str, flag: &str, image: &Value) -> Option<String> {
    let (major, oldest) = if program == "etcd" { (3, ETCD) } else { (1, OLDEST) };
    let (minor, know) = match image.at {
        Some(_) => (minor(image.text(), major)?, "does not know"),
        None => (oldest, "and later do not know"),
    };
    // Components of Kubernetes read an underscore as a dash.
    let flag = if program == "etcd" { flag.to_owned() } else { flag.replace('_', "-") };
    let gone = GONE.iter().find(|(name, _)| *name == program).map_or(&[][..], |(_, flags)| flags);
    let since = gone.iter().find(|(name, _)| *name == flag).map(|(_, since)| *since);
    let since = since.or_else(|| (program != "etcd" && KLOG.contains(&flag.as_str())).then_some(OLDEST))?;
    (minor >= since)
        .then(|| format!("{program} {major}.{minor} {know} --{flag}, which an earlier version had: it would not start"))
}

/// The minor version in an image's tag, `v1.36.3`.
fn minor(image: &str, major: u32) -> Option<u32> {
    let tag = image.split('@').next()?.rsplit('/').next()?.split_once(':')?.1;
    tag.trim_start_matches('v').strip_prefix(&format!("{major}."))?.split('.').next()?.parse().ok()
}
