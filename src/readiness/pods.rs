//! What the pods of a workload that is not ready are about: the cause that the workload itself does not know. Their logs are
//! not read: nobody knows what an unknown program prints, and an error is no place for a secret.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

use super::kind::Reference;
use super::missing::Need;

/// How many characters of a termination message are told, its last ones.
const WORDS: usize = 300;

/// A pod that is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Troubled {
    namespace: String,
    name: String,
    labels: BTreeMap<String, String>,
    why: String,
    /// Can this not heal by itself?
    pub(super) is_final: bool,
    /// The Secrets and `ConfigMaps` that it cannot start without, while it has not started.
    pub(super) needs: Vec<Need>,
    /// Those of them that are not there, and who would make them.
    pub(super) lacks: Vec<String>,
    /// Who would make them, where these are objects that are read.
    pub(super) makers: Vec<Reference>,
}

impl fmt::Display for Troubled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "pod {}: {}", self.name, self.why)?;
        self.lacks.iter().try_for_each(|lack| write!(out, "; {lack}"))
    }
}

impl Troubled {
    /// The trouble of a pod, if it has any.
    pub(super) fn of(pod: Pod) -> Option<Self> {
        let over = matches!(phase(&pod), Some("Succeeded" | "Failed")) || pod.metadata.deletion_timestamp.is_some();
        let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
        let ready = conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True");
        if over || ready {
            return None;
        }
        let (why, is_final) = trouble(&pod);
        let needs = if is_held(&pod) { pod.spec.as_ref().map(Need::of).unwrap_or_default() } else { Vec::new() };
        Some(Self {
            why,
            is_final,
            needs,
            lacks: Vec::new(),
            makers: Vec::new(),
            namespace: pod.metadata.namespace.unwrap_or_default(),
            name: pod.metadata.name.unwrap_or_default(),
            labels: pod.metadata.labels.unwrap_or_default(),
        })
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn is_of(&self, namespace: &str, selector: &BTreeMap<String, String>) -> bool {
        self.namespace == namespace
            && !selector.is_empty()
            && selector.iter().all(|(name, value)| self.labels.get(name) == Some(value))
    }
}

fn phase(pod: &Pod) -> Option<&str> {
    pod.status.as_ref()?.phase.as_deref()
}

/// Does a container wait for what it is made of? Of an environment the kubelet says so
/// (k8s.io/kubernetes `pkg/kubelet/kuberuntime/kuberuntime_container.go`, `ErrCreateContainerConfig`), of a volume only in an event.
fn is_held(pod: &Pod) -> bool {
    let mut words = statuses(pod).filter_map(|status| status.state.as_ref()?.waiting.as_ref()?.reason.as_deref());
    words.any(|word| matches!(word, "CreateContainerConfigError" | "ContainerCreating" | "PodInitializing"))
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.iter();
    status.flat_map(|status| status.init_container_statuses.iter().chain(&status.container_statuses)).flatten()
}

/// What it is about, and whether that is certain to stay.
fn trouble(pod: &Pod) -> (String, bool) {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    let unscheduled = conditions.into_iter().flatten().find(|one| one.type_ == "PodScheduled" && one.status == "False");
    if let Some(condition) = unscheduled {
        let word = condition.reason.as_deref().unwrap_or("not scheduled");
        return (format!("{word}: {}", condition.message.as_deref().unwrap_or_default()), false);
    }
    for status in statuses(pod) {
        let Some(state) = &status.state else { continue };
        if let Some(waiting) = &state.waiting {
            let word = waiting.reason.as_deref().unwrap_or_default();
            if matches!(word, "ContainerCreating" | "PodInitializing") {
                continue;
            }
            let message = waiting.message.as_deref().unwrap_or_default();
            let ended = status.last_state.as_ref().and_then(|last| last.terminated.as_ref());
            let ended =
                ended.map(|ended| format!(" (it ended with exit code {}{})", ended.exit_code, last_words(ended)));
            return (format!("{word}: {message}{}", ended.unwrap_or_default()), has_no_image(word, message));
        }
        if let Some(ended) = state.terminated.as_ref().filter(|ended| ended.exit_code != 0) {
            let word = ended.reason.as_deref().unwrap_or("ended");
            let words = last_words(ended);
            return (format!("container {}: {word}, exit code {}{words}", status.name, ended.exit_code), false);
        }
    }
    let runs = statuses(pod).any(|status| status.state.as_ref().is_some_and(|state| state.running.is_some()));
    (if runs { "running, not ready yet" } else { "starting" }.to_owned(), false)
}

/// What a container has left as its termination message: written for whoever looks at the pod.
fn last_words(ended: &ContainerStateTerminated) -> String {
    let words: Vec<char> = ended.message.as_deref().unwrap_or_default().trim().chars().collect();
    let from = words.len().saturating_sub(WORDS);
    let words: String = words.get(from..).into_iter().flatten().collect();
    if words.is_empty() { words } else { format!(": {words}") }
}

/// The image surely cannot be had. The registry's answer reaches the kubelet as text only.
fn has_no_image(word: &str, message: &str) -> bool {
    match word {
        "InvalidImageName" | "ErrImageNeverPull" => true,
        "ErrImagePull" | "ImagePullBackOff" => {
            ["401 Unauthorized", "403 Forbidden", "404 Not Found", ": not found", "manifest unknown", "access denied"]
                .iter()
                .any(|answer| message.contains(answer))
        }
        _ => false,
    }
}
