//! A custom resource cannot be applied before its CRD. Flux applies CRDs, namespaces and cluster roles of a Kustomization
//! first, so that a CRD's manifest may stand beside its custom resource; a CRD that a Helm release brings may not, since
//! the release is installed after the Kustomization is applied.

use std::collections::{BTreeMap, BTreeSet};

use super::flux::Applied;
use super::object::Object;
use super::{Finding, Report};

/// Charts that bring CRDs, and the API groups of those.
const CHARTS: &[(&str, &[&str])] = &[
    ("cert-manager", &["cert-manager.io", "acme.cert-manager.io"]),
    ("cilium", &["cilium.io"]),
    ("cloudnative-pg", &["postgresql.cnpg.io"]),
    ("crossplane", &["apiextensions.crossplane.io", "pkg.crossplane.io"]),
    ("external-secrets", &["external-secrets.io", "generators.external-secrets.io"]),
    ("gatekeeper", &["templates.gatekeeper.sh", "constraints.gatekeeper.sh", "config.gatekeeper.sh"]),
    ("gateway-helm", &["gateway.envoyproxy.io", "gateway.networking.k8s.io"]),
    ("grafana-operator", &["grafana.integreatly.org"]),
    ("base", &["networking.istio.io", "security.istio.io", "telemetry.istio.io"]),
    ("keda", &["keda.sh"]),
    ("kube-prometheus-stack", &["monitoring.coreos.com"]),
    ("prometheus-operator-crds", &["monitoring.coreos.com"]),
    ("kyverno", &["kyverno.io"]),
    ("longhorn", &["longhorn.io"]),
    ("mariadb-operator", &["k8s.mariadb.com"]),
    ("metallb", &["metallb.io"]),
    ("rook-ceph", &["ceph.rook.io"]),
    ("strimzi-kafka-operator", &["kafka.strimzi.io"]),
    ("tailscale-operator", &["tailscale.com"]),
    ("traefik", &["traefik.io"]),
    ("vault-secrets-operator", &["secrets.hashicorp.com"]),
    ("velero", &["velero.io"]),
    ("victoria-metrics-operator", &["operator.victoriametrics.com"]),
];

/// What brings a kind: whose Kustomization, and by which object.
struct Bringer<'a> {
    by: &'a Applied,
    object: &'a Object,
}

/// Looks for custom resources that come too early.
pub(super) fn check(applied: &[Applied], report: &mut Report) {
    let known: BTreeMap<&str, &Applied> = applied.iter().map(|one| (one.name.as_str(), one)).collect();
    let (manifests, releases) = bringers(applied);
    let mut told = BTreeSet::new();
    for one in applied {
        for object in one.built.objects.iter().filter(|object| is_custom(&object.group)) {
            let manifest = manifests.get(&(object.group.as_str(), object.kind.as_str()));
            let release = releases.get(object.group.as_str());
            let Some((bringers, by_release)) =
                manifest.map(|found| (found, false)).or(release.map(|found| (found, true)))
            else {
                if told.insert((object.group.clone(), object.kind.clone())) {
                    let text =
                        format!("the CRD of {} ({}) does not come from this repository", object.kind, object.group);
                    report.notes.push(Finding::new(&object.file, object.at, text));
                }
                continue;
            };
            let in_time = |bringer: &Bringer<'_>| {
                if bringer.by.name == one.name { !by_release } else { depends(&known, one, &bringer.by.name) }
            };
            if let (false, Some(first)) = (bringers.iter().any(in_time), bringers.first()) {
                report.problems.push(Finding::new(&object.file, object.at, too_early(object, one, first)));
            }
        }
    }
}

fn too_early(object: &Object, one: &Applied, bringer: &Bringer<'_>) -> String {
    let (what, whose) = (bringer.object.shown(), &bringer.by.name);
    if *whose == one.name {
        return format!(
            "{} comes before its CRD: {what} brings it, in the same Kustomization {whose}, which is applied as a whole \
             before any release is installed; put the two in two Kustomizations, one with dependsOn",
            object.shown()
        );
    }
    format!(
        "{} may come before its CRD: {what} in {whose} brings it, and {} has no dependsOn on that",
        object.shown(),
        one.name
    )
}

type ByKind<'a> = BTreeMap<(&'a str, &'a str), Vec<Bringer<'a>>>;
type ByGroup<'a> = BTreeMap<&'a str, Vec<Bringer<'a>>>;

fn bringers(applied: &[Applied]) -> (ByKind<'_>, ByGroup<'_>) {
    let (mut manifests, mut releases) = (ByKind::new(), ByGroup::new());
    for by in applied {
        for object in &by.built.objects {
            if object.kind == "CustomResourceDefinition" {
                let spec =
                    |keys: &[&str]| object.node.get("spec").and_then(|spec| spec.text_at(keys)).unwrap_or_default();
                manifests.entry((spec(&["group"]), spec(&["names", "kind"]))).or_default().push(Bringer { by, object });
            } else if object.is_flux("helm", "HelmRelease") {
                let chart = object.node.text_at(&["spec", "chart", "spec", "chart"]);
                let by_reference = object.node.text_at(&["spec", "chartRef", "name"]);
                let chart = chart.or(by_reference).and_then(|chart| chart.rsplit('/').next()).unwrap_or_default();
                for group in CHARTS.iter().filter(|(name, _)| *name == chart).flat_map(|(_, groups)| *groups) {
                    releases.entry(group).or_default().push(Bringer { by, object });
                }
            }
        }
    }
    (manifests, releases)
}

/// Is this the group of a custom resource whose CRD somebody must bring? Kubernetes' own groups and Flux's are there.
fn is_custom(group: &str) -> bool {
    let own = ["apps", "autoscaling", "batch", "extensions", "policy"];
    let gateway = group == "gateway.networking.k8s.io";
    group.contains('.')
        && (!group.ends_with(".k8s.io") || gateway)
        && !group.ends_with(".toolkit.fluxcd.io")
        && !own.contains(&group)
}

/// Does one depend on another, directly or by way of others?
pub(super) fn depends(known: &BTreeMap<&str, &Applied>, one: &Applied, on: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = one.depends_on.iter().map(|(name, _)| name.as_str()).collect();
    while let Some(name) = open.pop() {
        if name == on {
            return true;
        }
        if seen.insert(name)
            && let Some(next) = known.get(name)
        {
            open.extend(next.depends_on.iter().map(|(name, _)| name.as_str()));
        }
    }
    false
}
