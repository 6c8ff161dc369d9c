//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use thiserror::Error;

use super::model::Coredns;
use super::owner::{self, Owner};
use crate::cluster::{AsFailure, Failure};

/// A name that a replica did not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// Its place in `verify`.
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) pod: String,
    pub(super) why: String,
    /// The replica says that there is no address, and was not just unable to answer.
    pub(super) is_refusal: bool,
}

/// A failed operation on CoreDNS.
#[derive(Debug, Error)]
pub(super) enum CorednsError {
    /// The Corefile is wrong.
    #[error("the Corefile is wrong")]
    Corefile(Vec<Diagnostic>),
    /// Looking at the live objects.
    #[error("cannot read CoreDNS {id}: {failure}")]
    Look { id: String, failure: Failure },
    /// Talos keeps the objects.
    #[error("Talos manages {}", .0.join(", "))]
    Talos(Vec<String>),
    /// Somebody else keeps the objects in step.
    #[error("{} manages {}", .owner.name, .titles.join(", "))]
    Owned { owner: &'static Owner, titles: Vec<String> },
    /// Taking the objects over from Talos, or from another owner.
    #[error("cannot adopt the CoreDNS of another owner: {0}")]
    TakeOver(Failure),
    /// The live Service has another address.
    #[error("{service} has the address {live}, not {wanted}")]
    OtherAddress { service: String, live: String, wanted: String },
    /// Another Service has the address.
    #[error("{address} belongs to Service {holder}")]
    AddressTaken { address: String, holder: String, service: String, owner: Option<&'static Owner> },
    /// The live Deployment finds its pods by other labels.
    #[error("{deployment} selects {live}")]
    OtherSelector { deployment: String, live: String, wanted: String },
    /// Writing an object.
    #[error("cannot write {title}: {failure}")]
    Write { title: String, failure: Failure },
    /// Deleting an object.
    #[error("cannot delete {title}: {failure}")]
    Delete { title: String, failure: Failure },
    /// The pods of the deleted Deployment did not end.
    #[error("the pods did not terminate: {0}")]
    Ending(Failure),
    /// A container of a new pod ends again and again.
    #[error("CoreDNS exits at startup: {told}")]
    Crash { pod: String, how: String, told: String, at: AttributePath },
    /// The image cannot be had.
    #[error("the image cannot be pulled: {message}")]
    Image { pod: String, message: String },
    /// The API server takes no pods.
    #[error("no pods can be created: {0}")]
    Refused(String),
    /// The rollout did not end.
    #[error("the rollout did not finish: {seen}")]
    Rollout { seen: String, failure: Failure },
    /// There is nobody to be asked.
    #[error("the Deployment is scaled to 0 replicas")]
    NoReplicas,
    /// A replica did not answer as it should.
    #[error("{} names do not resolve", .0.len())]
    Verify(Vec<Unanswered>),
    /// Waiting for the API server.
    #[error("the cluster is not ready: {0}")]
    Ready(Failure),
}

impl From<Failure> for CorednsError {
    fn from(failure: Failure) -> Self {
        Self::Ready(failure)
    }
}

impl AsFailure for CorednsError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Look { failure, .. }
            | Self::TakeOver(failure)
            | Self::Write { failure, .. }
            | Self::Delete { failure, .. }
            | Self::Ending(failure)
            | Self::Rollout { failure, .. }
            | Self::Ready(failure) => Some(failure),
            _ => None,
        }
    }
}

impl CorednsError {
    /// The same error with what more is known of its failure.
    pub(super) fn because(self, failure: Failure) -> Self {
        match self {
            Self::Look { id, .. } => Self::Look { id, failure },
            Self::TakeOver(_) => Self::TakeOver(failure),
            Self::Write { title, .. } => Self::Write { title, failure },
            Self::Delete { title, .. } => Self::Delete { title, failure },
            Self::Ending(_) => Self::Ending(failure),
            Self::Rollout { seen, .. } => Self::Rollout { seen, failure },
            Self::Ready(_) => Self::Ready(failure),
            other => other,
        }
    }

    /// What Terraform shows, pointing at the arguments of `model`.
    pub(super) fn diagnostics(&self, model: &Coredns) -> Diagnostics {
        let at = AttributePath::new;
        let one =
            |summary: &str, detail: String, path: AttributePath| Diagnostic::error(summary, detail).at(path).into();
        match self {
            Self::Corefile(errors) => errors.iter().cloned().collect(),
            Self::Look { id, failure } => failure.diagnostic(format!("Cannot read CoreDNS {id}"), at("name")).into(),
            Self::Talos(held) => one("Talos manages this CoreDNS", talos(held), at("take_over_from_talos")),
            Self::Owned { owner, titles } => {
                let path = if owner.argument.is_some() { at("take_over_from") } else { AttributePath::root() };
                let detail =
                    format!("{} carry the marks of {}. {}", titles.join(", "), owner.name, owner::advice(owner));
                one(&format!("{} manages this CoreDNS", owner.name), detail, path)
            }
            Self::TakeOver(failure) => failure.diagnostic("Cannot take CoreDNS over", at("name")).into(),
            Self::OtherAddress { service, live, wanted } => {
                let detail = format!(
                    "{service} has the address {live}, and cluster_ip is {wanted}. The address of a Service cannot be changed, and the kubelets give their pods the address of clusterDNS: set cluster_ip = \"{live}\", or delete the Service if the kubelets use {wanted}."
                );
                one("The Service has another address", detail, at("cluster_ip"))
            }
            Self::AddressTaken { address, holder, service, owner } => {
                let advice = owner.map_or_else(
                    || "Delete that Service, or set another cluster_ip.".to_owned(),
                    |owner| format!("{} manages it. {}", owner.name, owner.advice),
                );
                let detail =
                    format!("The address {address} belongs to Service {holder}, so {service} cannot have it. {advice}");
                one("Another Service has the address", detail, at("cluster_ip"))
            }
            Self::OtherSelector { deployment, live, wanted } => {
                let detail = format!(
                    "{deployment} has the selector {live}, and {wanted} is needed. A selector cannot be changed. Delete that Deployment when an interruption of DNS is acceptable, or choose another name."
                );
                one("The Deployment has another selector", detail, at("name"))
            }
            Self::Write { title, failure } => written(title, failure, model),
            Self::Delete { title, failure } => failure.diagnostic(format!("Cannot delete {title}"), at("name")).into(),
            Self::Ending(failure) => failure.diagnostic("The pods did not terminate", at("timeouts")).into(),
            Self::Crash { pod, how, told, at } => {
                let detail = format!("The container of pod {pod} {how}. {told}\n\nThe existing replicas keep running.");
                one("CoreDNS exits at startup", detail, at.clone())
            }
            Self::Image { pod, message } => {
                one("The image cannot be pulled", format!("Pod {pod}: {message}."), at("image"))
            }
            Self::Refused(message) => {
                let path = if message.contains("PriorityClass") { at("priority_class") } else { AttributePath::root() };
                one("The cluster refuses the pods of CoreDNS", format!("{message}."), path)
            }
            Self::Rollout { seen, failure } => {
                let stopped = matches!(failure, Failure::Interrupted { .. });
                let why = if stopped { failure_word(failure) } else { failure.to_string() };
                one("The rollout did not finish", format!("{why}. Last status: {seen}."), at("timeouts"))
            }
            Self::NoReplicas => {
                let detail = format!(
                    "Deployment {} is scaled to 0 replicas, and replicas is not set: no replica can be queried. Scale it up (kubectl scale), set replicas, or remove verify.",
                    model.id()
                );
                one("CoreDNS has no replicas", detail, at("verify"))
            }
            Self::Verify(unanswered) => unanswered
                .iter()
                .map(|name| {
                    let Unanswered { index, name, pod, why, .. } = name;
                    let detail = format!("The query for {name} to pod {pod} failed: {why}.");
                    let index = i64::try_from(*index).unwrap_or(i64::MAX);
                    Diagnostic::error(format!("{name} does not resolve"), detail).at(at("verify").index(index))
                })
                .collect(),
            Self::Ready(failure) => failure.diagnostic("The cluster is not ready", AttributePath::root()).into(),
        }
    }
}

fn failure_word(failure: &Failure) -> String {
    match failure {
        Failure::Interrupted { why, .. } => {
            let text = why.to_string();
            let mut characters = text.chars();
            characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

fn talos(held: &[String]) -> String {
    format!(
        "{} have the field manager \"talos\": Talos manages them, and would overwrite them. Set cluster.coreDNS.disabled: true in the machine configuration of the control plane, then take_over_from_talos = true here. (The field manager stays after that setting too, so the provider cannot read it.)",
        held.join(", ")
    )
}

/// A write may fail in single fields: each points at its own argument.
fn written(title: &str, failure: &Failure, model: &Coredns) -> Diagnostics {
    let (summary, fields): (&str, Vec<(String, String)>) = match failure.cause() {
        Some(Cause::FieldConflict { fields }) => {
            let told = fields.iter().map(|conflict| {
                let advice = owner::of_manager(&conflict.manager).map_or_else(
                    || "Set force_conflicts = true to take ownership of the field.".to_owned(),
                    owner::advice,
                );
                let detail = format!("{title}: {conflict}. {advice}");
                (conflict.field.clone(), detail)
            });
            ("Another field manager owns this", told.collect())
        }
        Some(Cause::Invalid { fields, .. }) if !fields.is_empty() => {
            let told = fields.iter().map(|invalid| (invalid.field.clone(), format!("{title}: {invalid}.")));
            ("The API server refuses the object", told.collect())
        }
        Some(Cause::NotFound) => {
            let detail = format!(
                "Namespace {} does not exist: make this resource depend on what creates it.",
                model.namespace_name()
            );
            return Diagnostic::error("The namespace does not exist", detail)
                .at(AttributePath::new("namespace"))
                .into();
        }
        _ => return failure.diagnostic(format!("Cannot write {title}"), AttributePath::new("name")).into(),
    };
    fields.into_iter().map(|(field, detail)| Diagnostic::error(summary, detail).at(argument(&field))).collect()
}

/// The argument that a field comes from.
fn argument(field: &str) -> AttributePath {
    let field = field.trim_start_matches('.');
    let arguments = [
        ("replicas", "replicas"),
        (".image", "image"),
        (".resources", "resources"),
        ("nodeSelector", "node_selector"),
        ("tolerations", "tolerations"),
        ("priorityClassName", "priority_class"),
        ("clusterIP", "cluster_ip"),
        ("data", "corefile"),
    ];
    let found = arguments.iter().find(|(part, _)| field.contains(part)).map(|(_, argument)| *argument);
    AttributePath::new(found.unwrap_or("name"))
}
