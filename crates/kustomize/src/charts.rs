//! Charts that bring CRDs: which API groups, and what of a release decides whether they come. Each row cites the chart's source; a chart
//! that does not stand here brings nothing that a check may rely on.

use tazlab_yaml::Node;

use super::object::Object;

/// How a chart brings its CRDs.
#[derive(Clone, Copy, Debug)]
enum How {
    /// In its folder `crds/`: Helm installs them, unless `install.crds: Skip`.
    Folder,
    /// In templates, or by what it runs: always.
    Always,
    /// In templates that a value turns on: the keys of the value, any of them, and what holds where none is set.
    Value(&'static [&'static str], bool),
}

/// Name of the chart, API groups, how, where that is written.
type Row = (&'static str, &'static [&'static str], How, &'static str);

const CHARTS: &[Row] = &[
    (
        "actions-runner-controller",
        &["actions.summerwind.dev"],
        How::Folder,
        "actions/actions-runner-controller charts/",
    ),
    ("argo-cd", &["argoproj.io"], How::Value(&["crds.install"], true), "argoproj/argo-helm charts/argo-cd"),
    (
        "base",
        &["networking.istio.io", "security.istio.io", "telemetry.istio.io"],
        How::Always,
        "istio/istio manifests/charts/base",
    ),
    (
        "cert-manager",
        &["cert-manager.io", "acme.cert-manager.io"],
        How::Value(&["crds.enabled", "installCRDs"], false),
        "cert-manager/cert-manager deploy/charts",
    ),
    ("cilium", &["cilium.io"], How::Always, "cilium/cilium install/kubernetes (its operator makes them)"),
    ("cloudnative-pg", &["postgresql.cnpg.io"], How::Value(&["crds.create"], true), "cloudnative-pg/charts"),
    (
        "crossplane",
        &["apiextensions.crossplane.io", "pkg.crossplane.io"],
        How::Always,
        "crossplane/crossplane cluster/charts (its init container makes them)",
    ),
    (
        "external-secrets",
        &["external-secrets.io", "generators.external-secrets.io"],
        How::Value(&["installCRDs"], true),
        "external-secrets/external-secrets deploy/charts",
    ),
    ("flagger", &["flagger.app"], How::Folder, "fluxcd/flagger charts/flagger"),
    ("flux-operator", &["fluxcd.controlplane.io"], How::Value(&["installCRDs"], true), "controlplaneio-fluxcd/charts"),
    (
        "gatekeeper",
        &["templates.gatekeeper.sh", "constraints.gatekeeper.sh", "config.gatekeeper.sh"],
        How::Folder,
        "open-policy-agent/gatekeeper charts/",
    ),
    ("gateway-helm", &["gateway.envoyproxy.io"], How::Folder, "envoyproxy/gateway charts/gateway-helm"),
    (
        "gha-runner-scale-set-controller",
        &["actions.github.com"],
        How::Folder,
        "actions/actions-runner-controller charts/",
    ),
    ("grafana-operator", &["grafana.integreatly.org"], How::Folder, "grafana/grafana-operator deploy/helm"),
    ("keda", &["keda.sh"], How::Value(&["crds.install"], true), "kedacore/charts keda"),
    (
        "kube-prometheus-stack",
        &["monitoring.coreos.com"],
        How::Value(&["crds.enabled"], true),
        "prometheus-community/helm-charts",
    ),
    ("kyverno", &["kyverno.io"], How::Value(&["crds.install"], true), "kyverno/kyverno charts/kyverno"),
    ("longhorn", &["longhorn.io"], How::Always, "longhorn/charts"),
    ("metallb", &["metallb.io"], How::Value(&["crds.enabled"], true), "metallb/metallb charts/metallb"),
    (
        "opentelemetry-operator",
        &["opentelemetry.io"],
        How::Value(&["crds.create"], true),
        "open-telemetry/opentelemetry-helm-charts",
    ),
    ("pgo", &["postgres-operator.crunchydata.com"], How::Folder, "CrunchyData/postgres-operator-examples helm/install"),
    ("prometheus-operator-crds", &["monitoring.coreos.com"], How::Always, "prometheus-community/helm-charts"),
    ("rook-ceph", &["ceph.rook.io"], How::Value(&["crds.enabled"], true), "rook/rook deploy/charts"),
    ("sealed-secrets", &["bitnami.com"], How::Folder, "bitnami-labs/sealed-secrets helm/"),
    ("strimzi-kafka-operator", &["kafka.strimzi.io"], How::Folder, "strimzi/strimzi-kafka-operator helm-charts"),
    (
        "tailscale-operator",
        &["tailscale.com"],
        How::Value(&["installCRDs"], true),
        "tailscale/tailscale cmd/k8s-operator/deploy/chart",
    ),
    ("traefik", &["traefik.io"], How::Folder, "traefik/traefik-helm-chart"),
    ("vault-secrets-operator", &["secrets.hashicorp.com"], How::Folder, "hashicorp/vault-secrets-operator chart/"),
    ("velero", &["velero.io"], How::Folder, "vmware-tanzu/helm-charts velero"),
    (
        "victoria-metrics-operator",
        &["operator.victoriametrics.com"],
        How::Value(&["crds.enabled"], true),
        "VictoriaMetrics/helm-charts",
    ),
    ("volsync", &["volsync.backube"], How::Value(&["manageCRDs"], true), "backube/helm-charts volsync"),
];

/// Does a release bring the CRDs of these groups? None where values decide that nobody knows.
pub(super) fn brought(release: &Object, chart: &str) -> Option<(&'static [&'static str], Option<bool>)> {
    let (_, groups, how, _) = CHARTS.iter().find(|(name, ..)| *name == chart)?;
    let is_skipped = release.spec_text(&["install", "crds"]) == Some("Skip");
    let brings = match how {
        How::Always => Some(true),
        How::Folder => Some(!is_skipped),
        How::Value(keys, default) => {
            let set = keys.iter().find_map(|key| value(release, key));
            let elsewhere = !release.spec(&["valuesFrom"]).map_or(&[][..], Node::items).is_empty();
            match set {
                Some(set) => Some(set),
                None if elsewhere => None,
                None => Some(*default),
            }
        }
    };
    Some((groups, brings))
}

fn value(release: &Object, key: &str) -> Option<bool> {
    let keys: Vec<&str> = ["values"].into_iter().chain(key.split('.')).collect();
    match release.spec_text(&keys)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
