//! The scheduler's configuration. Talos hands it on; kube-scheduler reads it strictly and ends when it is wrong.
//!
//! Talos 1.13.9, `internal/app/machined/pkg/controllers/k8s/render_config_static_pods.go` (`schedulerConfig`);
//! k8s.io/kube-scheduler 0.36, `config/v1/types.go`; k8s.io/component-base 0.36, `config/v1alpha1/types.go`.

use super::Rules;
use super::shape::{Shape, misfits};
use crate::value::Value;

/// The rule's name.
pub(super) const SCHEDULER: &str = "cluster.scheduler.config";

const CONFIGURATION: Shape = Shape::Fields(&[
    // Talos writes these two over.
    ("apiVersion", Shape::Any),
    ("kind", Shape::Any),
    ("parallelism", Shape::Number),
    (
        "leaderElection",
        Shape::Fields(&[
            ("leaderElect", Shape::Bool),
            ("leaseDuration", Shape::Duration),
            ("renewDeadline", Shape::Duration),
            ("retryPeriod", Shape::Duration),
            ("resourceLock", Shape::Text),
            ("resourceName", Shape::Text),
            ("resourceNamespace", Shape::Text),
        ]),
    ),
    (
        "clientConnection",
        Shape::Fields(&[
            ("kubeconfig", Shape::Text),
            ("acceptContentTypes", Shape::Text),
            ("contentType", Shape::Text),
            ("qps", Shape::Any),
            ("burst", Shape::Number),
        ]),
    ),
    ("enableProfiling", Shape::Bool),
    ("enableContentionProfiling", Shape::Bool),
    ("percentageOfNodesToScore", Shape::Number),
    ("podInitialBackoffSeconds", Shape::Number),
    ("podMaxBackoffSeconds", Shape::Number),
    ("profiles", Shape::List(&Shape::Any)),
    ("extenders", Shape::List(&Shape::Any)),
    ("delayCacheUntilActive", Shape::Bool),
]);

pub(super) fn configuration(rules: &mut Rules<'_>, config: &Value) {
    for (value, path, why) in misfits(config.at_path(SCHEDULER), &CONFIGURATION, SCHEDULER) {
        rules.refuse(SCHEDULER, value, &path, format!("{why}: kube-scheduler does not start with this"));
    }
}
