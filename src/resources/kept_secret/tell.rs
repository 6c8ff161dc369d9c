//! What the user is told about a review: what will be done, what is left undone and why. No content, and nothing derived
//! from it but the public part of a certificate.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::decision::{Verdict, Why};
use super::model::{Target, Which};
use super::review::Review;
use crate::configured::Configured;

impl Why {
    /// Why the live Secret is not copied, and what to do.
    fn told(self) -> &'static str {
        match self {
            Self::Empty => "it has no data. No action is needed: it is copied once it has",
            Self::Unlabelled => {
                "it exists without the labels of label_selector, so it is not restored from the copy either. If it is the one that was copied, give it the labels again, else rename or delete it"
            }
            Self::OtherKey => {
                "its private key (tls.key) does not belong to its certificate (tls.crt). No action is needed here: it is copied once they belong together"
            }
            Self::Temporary => {
                "it holds cert-manager's temporary certificate (annotation cert-manager.io/issue-temporary-certificate). No action is needed: the certificate that replaces it is copied"
            }
            Self::NoCertificate => {
                "it does not hold a certificate that can be read. If it should be copied all the same, set prefer = \"live\""
            }
            Self::SelfSigned => {
                "its certificate is self-signed, and the copy has another one. If the live certificate should replace the copy, set prefer = \"live\""
            }
            Self::OtherIssuer => {
                "its certificate has another issuer than the one in the copy. If the live certificate should replace the copy, set prefer = \"live\""
            }
            Self::OtherNames => {
                "its certificate is for other names than the one in the copy. If the live certificate should replace the copy, set prefer = \"live\""
            }
            Self::NotNewer => {
                "its certificate was not issued later than the one in the copy. If the live certificate should replace the copy, set prefer = \"live\""
            }
        }
    }
}

/// What a plan says of what it foresees.
pub(super) fn foreseen(context: &Context<Configured>, target: &Target, review: &Review) {
    let warn = |summary: &'static str, detail: String, at: &'static str| {
        context.warn(Diagnostic::warning(summary, detail).at(AttributePath::new(at)));
    };
    let (namespace, copy) = (&target.namespace, target.copy());
    for name in review.with(Verdict::Keep) {
        let detail = format!(
            "Secret {namespace}/{name} is newer than its copy {copy}, or has none. Apply writes the copy to Vault, and nothing to the cluster."
        );
        warn("A newer copy will be kept", detail, "vault");
    }
    for name in review.with(Verdict::Restore) {
        let detail = format!("Secret {namespace}/{name} does not exist. Apply restores it from its copy {copy}.");
        warn("The Secret will be restored", detail, which(target));
    }
    for name in review.with(Verdict::Overwrite) {
        let detail = format!(
            "Secret {namespace}/{name} differs from its copy {copy}. With prefer = \"copy\", apply writes the copy over it."
        );
        warn("The Secret will be overwritten", detail, "prefer");
    }
    undone(context, target, review);
}

/// What a plan and an apply say of what they leave undone.
pub(super) fn undone(context: &Context<Configured>, target: &Target, review: &Review) {
    let warn = |summary: &'static str, detail: String, at: &'static str| {
        context.warn(Diagnostic::warning(summary, detail).at(AttributePath::new(at)));
    };
    let (namespace, copy) = (&target.namespace, target.copy());
    for (name, verdict) in &review.verdicts {
        match verdict {
            Verdict::TooOld(until) => {
                let detail = format!(
                    "Secret {namespace}/{name} does not exist, and the certificate in its copy {copy} is valid until {until} only, which is less than minimum_validity from now. No action is needed: its issuer makes a new one, and the next apply copies that."
                );
                warn("The copy is too old to be restored", detail, "minimum_validity");
            }
            Verdict::Leave(why) => {
                let detail = format!("Secret {namespace}/{name} is not copied to {copy}: {}.", why.told());
                warn("The live Secret is not copied", detail, which(target));
            }
            _ => {}
        }
    }
    if review.leaves_no_copy() && !review.verdicts.values().any(|verdict| matches!(verdict, Verdict::Leave(_))) {
        let detail = format!(
            "{} cannot be restored, since there is no copy yet, and cannot be copied, since nothing exists in the cluster. Until there is a first copy, every plan has an update for it: apply again once it exists.",
            target.title()
        );
        warn("There is no copy yet", detail, which(target));
    }
}

/// The argument that says which Secrets are kept.
pub(super) fn which(target: &Target) -> &'static str {
    match target.which {
        Which::Named(_) => "name",
        Which::Labelled(_) => "label_selector",
    }
}
