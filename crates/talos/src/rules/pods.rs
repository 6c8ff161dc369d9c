//! Volumes and authorizers of the control plane: lists in which a member that is there twice is one too many.
//!
//! Talos 1.13.9: `pkg/machinery/config/types/v1alpha1/v1alpha1_provider.go` (`VolumeMountConfig.Name`), the pods in
//! `internal/app/machined/pkg/controllers/k8s/control_plane_static_pod.go`, `control_plane.go`
//! (`NewControlPlaneAuthorizationController`). The kubelet validates static pods as the API server would; k8s.io/apiserver
//! 0.36, `pkg/apis/apiserver/validation/validation.go` (`ValidateAuthorizationConfiguration`).

use super::{Rules, names};
use crate::value::Value;

/// The names of the rules.
pub(super) const VOLUMES: [&str; 3] =
    ["cluster.apiServer.extraVolumes", "cluster.controllerManager.extraVolumes", "cluster.scheduler.extraVolumes"];
pub(super) const AUTHORIZERS: &str = "cluster.apiServer.authorizationConfig";

/// Volumes of Talos' own, as (name, where it is mounted).
const OWN: [&[(&str, &str)]; 3] = [
    &[
        ("secrets", "/system/secrets/kubernetes/kube-apiserver"),
        ("config", "/system/config/kubernetes/kube-apiserver"),
        ("audit", "/var/log/audit/kube"),
    ],
    &[("secrets", "/system/secrets/kubernetes/kube-controller-manager")],
    &[("secrets", "/system/secrets/kubernetes/kube-scheduler"), ("config", "/system/config/kubernetes/kube-scheduler")],
];

pub(super) fn volumes(rules: &mut Rules<'_>, config: &Value) {
    for (rule, own) in VOLUMES.into_iter().zip(OWN) {
        let mut taken: Vec<(String, String)> =
            own.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
        for (index, volume) in config.at_path(rule).items().iter().enumerate() {
            let mounted = volume.get("mountPath").text();
            // Talos makes the volume's name of the path.
            let name = mounted.replace(['/', '_', '.'], "-").trim_matches('-').to_owned();
            let path = format!("{rule}[{index}].mountPath");
            let at = if volume.get("mountPath").is_nil() { volume } else { volume.get("mountPath") };
            let why = if !names::is_label(&name) {
                format!(
                    "Talos names the volume {name:?} after this path, which is not a volume's name: lower-case letters, \
                     digits and -, at most 63"
                )
            } else if taken.iter().any(|(_, other)| other == mounted) {
                format!("another volume is mounted at {mounted}")
            } else if taken.iter().any(|(other, _)| *other == name) {
                format!("Talos names the volume {name} after this path, and another volume has that name")
            } else {
                taken.push((name, mounted.to_owned()));
                continue;
            };
            rules.refuse(rule, at, &path, format!("{why}. The kubelet rejects such a static pod"));
        }
    }
}

pub(super) fn authorizers(rules: &mut Rules<'_>, server: &Value) {
    let given = server.get("authorizationConfig").items();
    let has = |kind: &str| given.iter().any(|authorizer| authorizer.get("type").text() == kind);
    // Talos adds what is missing, under these names.
    let mut taken: Vec<&str> = Vec::new();
    taken.extend((!has("Node")).then_some("node"));
    taken.extend((!has("RBAC")).then_some("rbac"));
    let mut kinds: Vec<&str> = Vec::new();
    for authorizer in given {
        let (kind, name) = (authorizer.get("type").text(), authorizer.get("name").text());
        let (field, why) = if kind != "Webhook" && kinds.contains(&kind) {
            ("type", format!("there can be only one authorizer of type {kind}"))
        } else if taken.contains(&name) {
            ("name", format!("two authorizers are named {name}; Talos adds node and rbac where they are missing"))
        } else if !names::is_subdomain(name) && !name.is_empty() {
            ("name", format!("{name:?} is not a name: lower-case letters, digits, - and ."))
        } else {
            kinds.push(kind);
            taken.push(name);
            continue;
        };
        let value = authorizer.get(field);
        rules.refuse(AUTHORIZERS, value, AUTHORIZERS, format!("{why}: kube-apiserver does not start with this"));
    }
}
