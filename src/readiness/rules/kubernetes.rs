//! Kubernetes' own kinds, but those that have a module of their own (workloads, Services, CRDs).

use super::{Judgement, Rule, View, generic};
use crate::readiness::sighting::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule {
        counted: "Nodes Ready",
        ready: "condition Ready is True",
        source: "k8s.io/api v0.37 `core/v1/types.go`, `NodeReady`",
        judge: |object| object.expects("Ready", "True").into(),
        ..core("Node", "nodes", false)
    },
    Rule {
        counted: "PersistentVolumeClaims Bound",
        ready: "phase Bound; Lost ends the wait",
        source: "k8s.io/api v0.37 `core/v1/types.go`, `PersistentVolumeClaimPhase`",
        judge: claim,
        ..core("PersistentVolumeClaim", "persistentvolumeclaims", true)
    },
    Rule {
        counted: "Pods Ready",
        ready: "condition Ready is True, or phase Succeeded",
        source: "k8s.io/api v0.37 `core/v1/types.go`, `PodPhase`",
        judge: |object| {
            if object.text("/status/phase") == "Succeeded" {
                return Judgement::ready();
            }
            Judgement { pods: object.labels("/metadata/labels"), ..object.expects("Ready", "True").into() }
        },
        ..core("Pod", "pods", true)
    },
    core("ConfigMap", "configmaps", true),
    core("Endpoints", "endpoints", true),
    core("LimitRange", "limitranges", true),
    core("Namespace", "namespaces", false),
    core("PersistentVolume", "persistentvolumes", false),
    core("PodTemplate", "podtemplates", true),
    core("ReplicationController", "replicationcontrollers", true),
    core("ResourceQuota", "resourcequotas", true),
    core("Secret", "secrets", true),
    core("ServiceAccount", "serviceaccounts", true),
    Rule {
        kind: "Job",
        group: "batch",
        plural: "jobs",
        counted: "Jobs complete",
        ready: "condition Complete is True; Failed ends the wait",
        source: "k8s.io/api v0.37 `batch/v1/types.go`, `JobConditionType` (kstatus calls a Job that has started current)",
        judge: job,
        ..core("", "", true)
    },
    Rule {
        kind: "CronJob",
        group: "batch",
        plural: "cronjobs",
        counted: "CronJobs exist",
        ready: "it exists",
        source: "sigs.k8s.io/cli-utils v0.37.2 `pkg/kstatus/status/core.go`, which has no rule for it",
        judge: |_| Judgement::ready(),
        ..core("", "", true)
    },
    Rule {
        kind: "Ingress",
        group: "networking.k8s.io",
        plural: "ingresses",
        counted: "Ingresses exist",
        ready: "it exists (many controllers never write an address)",
        source: "sigs.k8s.io/cli-utils v0.37.2 `pkg/kstatus/status/core.go`, which has no rule for it",
        judge: |_| Judgement::ready(),
        ..core("", "", true)
    },
    Rule {
        kind: "ReplicaSet",
        group: "apps",
        plural: "replicasets",
        counted: "ReplicaSets available",
        ready: "all pods are available",
        source: "k8s.io/api v0.37 `apps/v1/types.go`, `ReplicaSetStatus`",
        judge: replicas,
        ..core("", "", true)
    },
];

/// A kind of the core group that only has to exist, or that says it as kstatus reads it.
const fn core(kind: &'static str, plural: &'static str, namespaced: bool) -> Rule {
    Rule {
        kind,
        group: "",
        plural,
        version: Some("v1"),
        namespaced,
        counted: "",
        ready: "",
        source: "",
        judge: generic,
    }
}

fn claim(object: View<'_>) -> Judgement {
    match object.text("/status/phase") {
        "Bound" => Judgement::ready(),
        "Lost" => {
            let message = "its PersistentVolume is lost, and with it the data".to_owned();
            Err(Reason { word: "Lost".to_owned(), message, is_final: true, ..Reason::default() }).into()
        }
        _ => {
            let message =
                "it is not bound yet; where its StorageClass has WaitForFirstConsumer, it stays so until a pod uses it";
            Err(Reason { word: "Pending".to_owned(), message: message.to_owned(), ..Reason::default() }).into()
        }
    }
}

fn job(object: View<'_>) -> Judgement {
    if let Some(failed) = object.condition("Failed").filter(|failed| failed.has("True")) {
        return Err(Reason { is_final: true, ..failed.why() }).into();
    }
    if object.condition("Complete").is_some_and(|complete| complete.has("True")) {
        return Judgement::ready();
    }
    if object.is_set("/spec/suspend") {
        return Judgement::suspended();
    }
    let number = |pointer| object.number(pointer).unwrap_or_default();
    let wanted = object.number("/spec/completions").or(object.number("/spec/parallelism")).unwrap_or(1);
    let (done, failed) = (number("/status/succeeded"), number("/status/failed"));
    let failures = if failed > 0 { format!("; {failed} have failed") } else { String::new() };
    let seen = Reason::seen(format!("{done} of {wanted} pods have completed{failures}"));
    Judgement { pods: object.labels("/spec/selector/matchLabels"), ..Err(seen).into() }
}

fn replicas(object: View<'_>) -> Judgement {
    if let Err(stale) = object.is_observed() {
        return Err(stale).into();
    }
    let wanted = object.number("/spec/replicas").unwrap_or(1);
    let available = object.number("/status/availableReplicas").unwrap_or_default();
    if available >= wanted {
        return Judgement::ready();
    }
    let seen = Reason::seen(format!("{available} of {wanted} pods are available"));
    Judgement { pods: object.labels("/spec/selector/matchLabels"), ..Err(seen).into() }
}
