//! What delivers: Flux's sources, the Flux Operator, Argo CD. Flux's Kustomizations and HelmReleases have a module of their own.

use super::generic::must_be_ready;
use super::{Judgement, Link, Rule, View};
use crate::readiness::sighting::Reason;

const SOURCES: &str = "source.toolkit.fluxcd.io";
const READ_SOURCES: &str = "github.com/fluxcd/source-controller v1.9 `api/v1/condition_types.go`, `artifact_types.go`";
const OPERATOR: &str = "fluxcd.controlplane.io";
const FETCHED: &str =
    "condition Ready is True and `status.artifact` is there, for the current generation; Stalled ends the wait";

pub(super) const RULES: &[Rule] = &[
    source("GitRepository", "gitrepositories", "GitRepositories Ready"),
    source("OCIRepository", "ocirepositories", "OCIRepositories Ready"),
    source("Bucket", "buckets", "Buckets Ready"),
    Rule {
        ready: "as the other sources; one of `type: oci` has no status at all and only has to exist",
        source: "github.com/fluxcd/source-controller v1.9 `internal/controller/helmrepository_controller.go:163`",
        judge: |object| {
            if object.text("/spec/type") == "oci" { Judgement::exists() } else { artifact(object) }
        },
        ..source("HelmRepository", "helmrepositories", "HelmRepositories Ready")
    },
    Rule {
        judge: |object| {
            let (kind, name) = (object.text("/spec/sourceRef/kind"), object.text("/spec/sourceRef/name"));
            artifact(object).waiting_for([Link::to(kind, SOURCES, object, "", name)])
        },
        ..source("HelmChart", "helmcharts", "HelmCharts Ready")
    },
    operator("FluxInstance", "fluxinstances", "FluxInstances Ready"),
    operator("ResourceSet", "resourcesets", "ResourceSets Ready"),
    Rule {
        kind: "Application",
        group: "argoproj.io",
        plural: "applications",
        version: None,
        namespaced: true,
        counted: "Applications Healthy and Synced",
        ready: "`status.health.status` is Healthy and `status.sync.status` is Synced",
        source: "github.com/argoproj/argo-cd v3 `pkg/apis/application/v1alpha1/types.go`, `ApplicationStatus` (no observedGeneration)",
        judge: application,
    },
];

const fn source(kind: &'static str, plural: &'static str, counted: &'static str) -> Rule {
    Rule {
        kind,
        group: SOURCES,
        plural,
        version: None,
        namespaced: true,
        counted,
        ready: FETCHED,
        source: READ_SOURCES,
        judge: artifact,
    }
}

const fn operator(kind: &'static str, plural: &'static str, counted: &'static str) -> Rule {
    Rule {
        kind,
        group: OPERATOR,
        plural,
        version: None,
        namespaced: true,
        counted,
        ready: "condition Ready is True, for the current generation; one without a condition is not ready",
        source: "github.com/controlplaneio-fluxcd/flux-operator v0.58.1 `api/v1/common_types.go:23`",
        judge: operated,
    }
}

fn artifact(object: View<'_>) -> Judgement {
    if object.is_set("/spec/suspend") {
        return Judgement::suspended();
    }
    let judged = must_be_ready(object);
    if judged.standing == super::Standing::Ready && object.at("/status/artifact").is_none() {
        return Err(Reason::seen("it has fetched no artifact yet")).into();
    }
    judged
}

fn operated(object: View<'_>) -> Judgement {
    if object.text("/metadata/annotations/fluxcd.controlplane.io~1reconcile") == "disabled" {
        return Judgement::suspended();
    }
    must_be_ready(object)
}

fn application(object: View<'_>) -> Judgement {
    let (health, sync) = (object.text("/status/health/status"), object.text("/status/sync/status"));
    if (health, sync) == ("Healthy", "Synced") {
        return Judgement::ready();
    }
    let known = |text: &str| if text.is_empty() { "not known yet".to_owned() } else { text.to_owned() };
    let mut seen = vec![format!("health is {}, sync is {}", known(health), known(sync))];
    seen.extend(Some(object.text("/status/health/message").to_owned()).filter(|message| !message.is_empty()));
    // `ComparisonError`, `InvalidSpecError`, `SyncError`, …
    let errors = object.list("/status/conditions").filter(|one| one.text("/type").ends_with("Error"));
    seen.extend(errors.map(|error| format!("{}: {}", error.text("/type"), error.text("/message"))));
    if matches!(object.text("/status/operationState/phase"), "Failed" | "Error") {
        seen.push(format!("its last operation has failed: {}", object.text("/status/operationState/message")));
    }
    let is_passing = health == "Progressing" && seen.len() == 1;
    Err(Reason { message: seen.join("; "), is_passing, ..Reason::default() }).into()
}
