//! The state of a rollout, from what is seen of the Deployment and its pods. Pure: what is waited for, what is certain.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};
use tazlab_clients::kubernetes::{Admission, Live, Seen};

use super::objects::CHECKSUM;

/// How often each container has ended, by the uid of its pod and its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends(BTreeMap<(String, String), i32>);

/// What is known.
#[derive(Clone, Debug)]
pub(super) struct Rollout {
    /// The mark of the pods of this rollout.
    checksum: String,
    /// What had ended before it began.
    before: Ends,
    deployment: Option<Deployment>,
    pods: BTreeMap<String, Pod>,
}

/// A container that ended, and not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crash {
    pub(super) pod: String,
    /// How often it has ended since the rollout began: 0 where it ended before, and has not run since.
    pub(super) times: i32,
    pub(super) exit_code: i32,
    /// `Error`, `OOMKilled`, `StartError`.
    pub(super) reason: String,
    /// The kubelet's own words, where the container could not even start.
    pub(super) message: String,
    /// Is the run that ended the one before the present one?
    pub(super) previous: bool,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// All replicas are new and ready.
    Done { ready: i64 },
    /// A container ended.
    Crashed(Crash),
    /// The image's name is none, or the registry does not have it, or not for us.
    NoImage { pod: String, message: String },
    /// The API server refuses pods. What it says may still be a matter of moments.
    Refused(String),
    /// It goes on.
    Waiting(String),
}

impl Rollout {
    pub(super) fn new(checksum: String, before: Ends) -> Self {
        Self { checksum, before, deployment: None, pods: BTreeMap::new() }
    }

    pub(super) fn see_deployment(&mut self, seen: Seen<Deployment>) {
        match seen {
            Seen::All(all) => self.deployment = all.into_iter().next().map(|live| live.object),
            Seen::Changed(live) => self.deployment = Some(live.object),
            Seen::Gone(_) => self.deployment = None,
            Seen::Lost(_) => {}
        }
    }

    pub(super) fn see_pod(&mut self, seen: Seen<Pod>) {
        let named = |live: Live<Pod>| Some((live.object.metadata.name.clone()?, live.object));
        match seen {
            Seen::All(all) => self.pods = all.into_iter().filter_map(named).collect(),
            Seen::Changed(live) => self.pods.extend(named(*live)),
            Seen::Gone(live) => {
                if let Some((name, _)) = named(*live) {
                    self.pods.remove(&name);
                }
            }
            Seen::Lost(_) => {}
        }
    }

    /// The pods of this rollout, by name.
    fn new_pods(&self) -> impl Iterator<Item = (&String, &Pod)> {
        self.pods.iter().filter(|(_, pod)| is_marked(pod, &self.checksum) && !is_over(pod))
    }

    /// The new pods that are not ready.
    pub(super) fn troubled(&self) -> Vec<String> {
        self.new_pods().filter(|(_, pod)| !is_ready(pod)).map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn standing(&self) -> Standing {
        let Some(deployment) = &self.deployment else {
            return Standing::Waiting("the Deployment does not exist".into());
        };
        if let Some(ready) = done(deployment) {
            return Standing::Done { ready };
        }
        let containers = || self.new_pods().flat_map(|(_, pod)| statuses(pod).map(move |status| (pod, status)));
        if let Some((pod, message)) = containers().find_map(|(pod, status)| Some((pod, no_image(status)?))) {
            return Standing::NoImage { pod: name(pod), message };
        }
        let crashes = containers().filter_map(|(pod, status)| self.crash(pod, status));
        if let Some(crash) = crashes.max_by_key(|crash| crash.times) {
            return Standing::Crashed(crash);
        }
        match refused(deployment) {
            Some(message) => Standing::Refused(message),
            None => Standing::Waiting(self.summary(deployment)),
        }
    }

    fn crash(&self, pod: &Pod, status: &ContainerStatus) -> Option<Crash> {
        let of = |state: &Option<ContainerState>| state.as_ref()?.terminated.clone();
        let (ended, previous) = match of(&status.state) {
            Some(ended) => (ended, false),
            // A container that runs again has not crashed as far as anybody knows, if it is ready.
            None if !status.ready => (of(&status.last_state)?, true),
            None => return None,
        };
        let times = ends(status) - self.before.of(pod, status);
        if ended.exit_code == 0 || (times < 1 && is_running(status)) {
            return None;
        }
        Some(Crash {
            pod: name(pod),
            times: times.max(0),
            exit_code: ended.exit_code,
            reason: ended.reason.unwrap_or_default(),
            message: ended.message.unwrap_or_default(),
            previous,
        })
    }

    fn summary(&self, deployment: &Deployment) -> String {
        let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
        let ready = self.new_pods().filter(|(_, pod)| is_ready(pod)).count();
        let old = self.pods.values().filter(|pod| !is_marked(pod, &self.checksum) && !has_failed(pod)).count();
        let mut parts = vec![format!("{ready} of {wanted} new pods are ready")];
        parts.extend(
            self.new_pods().filter(|(_, pod)| !is_ready(pod)).map(|(name, pod)| format!("{name}: {}", state(pod))),
        );
        if old > 0 {
            parts.push(format!("{old} old pods still exist"));
        }
        parts.join("; ")
    }
}

impl Ends {
    /// What these pods' containers have been through.
    pub(super) fn seen<'a>(pods: impl IntoIterator<Item = &'a Pod>) -> Self {
        let of = |pod: &'a Pod| statuses(pod).map(|status| (container(pod, status), ends(status)));
        Self(pods.into_iter().flat_map(of).collect())
    }

    fn of(&self, pod: &Pod, status: &ContainerStatus) -> i32 {
        self.0.get(&container(pod, status)).copied().unwrap_or_default()
    }
}

fn container(pod: &Pod, status: &ContainerStatus) -> (String, String) {
    (pod.metadata.uid.clone().unwrap_or_default(), status.name.clone())
}

/// How often it has ended. The kubelet counts its beginnings: one that does not run has ended once more.
fn ends(status: &ContainerStatus) -> i32 {
    let has_run = [&status.state, &status.last_state]
        .into_iter()
        .any(|state| state.as_ref().is_some_and(|state| state.terminated.is_some()));
    status.restart_count + i32::from(has_run && !is_running(status))
}

fn is_running(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|state| state.running.is_some())
}

fn name(pod: &Pod) -> String {
    pod.metadata.name.clone().unwrap_or_default()
}

/// Does the pod belong to the rollout with this mark?
pub(super) fn is_marked(pod: &Pod, checksum: &str) -> bool {
    let annotations = pod.metadata.annotations.as_ref();
    annotations.and_then(|all| all.get(CHECKSUM)).is_some_and(|mark| mark == checksum)
}

fn has_failed(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Failed")
}

/// Is another pod made in its place? How it ended says nothing about that one.
fn is_over(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some() || has_failed(pod)
}

pub(super) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    pod.metadata.deletion_timestamp.is_none()
        && conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True")
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    pod.status.iter().filter_map(|status| status.container_statuses.as_ref()).flatten()
}

/// The replicas, once all of them are new and available, as `kubectl rollout status` sees it.
fn done(deployment: &Deployment) -> Option<i64> {
    let status = deployment.status.as_ref()?;
    let wanted = deployment.spec.as_ref()?.replicas.unwrap_or(1);
    let of = |count: Option<i32>| count.unwrap_or_default();
    let is_done = status.observed_generation >= deployment.metadata.generation
        && of(status.updated_replicas) >= wanted
        && of(status.replicas) <= of(status.updated_replicas)
        && of(status.available_replicas) >= of(status.updated_replicas);
    is_done.then(|| of(status.ready_replicas).into())
}

/// Why the image cannot be had, if it surely cannot. The registry's answer reaches the kubelet as text only. A registry
/// that denies access may be one whose credentials come later, or one that has had enough for now.
fn no_image(status: &ContainerStatus) -> Option<String> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    let message = waiting.message.clone().unwrap_or_default();
    let surely = match waiting.reason.as_deref() {
        Some("InvalidImageName" | "ErrImageNeverPull") => true,
        Some("ErrImagePull" | "ImagePullBackOff") => {
            ["401 Unauthorized", "404 Not Found", ": not found", "manifest unknown"]
                .iter()
                .any(|answer| message.contains(answer))
        }
        _ => false,
    };
    surely.then(|| format!("{}: {message}", waiting.reason.as_deref().unwrap_or_default()))
}

/// Why no pods can be made.
fn refused(deployment: &Deployment) -> Option<String> {
    let status = deployment.status.as_ref()?;
    if status.observed_generation < deployment.metadata.generation {
        // What it says is about the template before.
        return None;
    }
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failed = conditions.iter().find(|one| {
        (one.type_ == "ReplicaFailure" && one.status == "True")
            || (one.type_ == "Progressing" && one.reason.as_deref() == Some("ReplicaSetCreateError"))
    })?;
    // A webhook that is not there yet, and a quota, may give way.
    let message = failed.message.clone().unwrap_or_default();
    let passes = Admission::of_controller(&message).is_some_and(|admission| !admission.is_final());
    (!passes).then_some(message)
}

/// What a pod that is not ready is about.
fn state(pod: &Pod) -> String {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    let unscheduled = conditions.into_iter().flatten().find(|one| one.type_ == "PodScheduled" && one.status == "False");
    if let Some(condition) = unscheduled {
        let reason = condition.reason.as_deref().unwrap_or("not scheduled");
        return format!("{reason}: {}", condition.message.as_deref().unwrap_or_default());
    }
    let waiting = statuses(pod).find_map(|status| status.state.as_ref()?.waiting.as_ref());
    match waiting {
        Some(waiting) => match waiting.message.as_deref() {
            Some(message) => format!("{}: {message}", waiting.reason.as_deref().unwrap_or_default()),
            None => waiting.reason.clone().unwrap_or_default(),
        },
        None if statuses(pod).any(is_running) => "running, not ready yet".to_owned(),
        None => match pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) {
            Some(node) => format!("waiting for the kubelet of {node}"),
            None => "waiting for a node".to_owned(),
        },
    }
}
