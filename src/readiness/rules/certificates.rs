//! cert-manager's kinds.

use super::{Judgement, Link, Rule, View};
use crate::readiness::sighting::{Reason, Standing};

const GROUP: &str = "cert-manager.io";
const READ: &str =
    "github.com/cert-manager/cert-manager v1.21.2 `pkg/apis/certmanager/v1/types_certificate.go`, `types_issuer.go`";

pub(super) const RULES: &[Rule] = &[
    Rule {
        kind: "Certificate",
        plural: "certificates",
        counted: "Certificates Ready",
        ready: "condition Ready is True, for the current generation",
        judge: certificate,
        ..issuer("", "", true, "")
    },
    issuer("Issuer", "issuers", true, "Issuers Ready"),
    issuer("ClusterIssuer", "clusterissuers", false, "ClusterIssuers Ready"),
];

const fn issuer(kind: &'static str, plural: &'static str, namespaced: bool, counted: &'static str) -> Rule {
    Rule {
        kind,
        group: GROUP,
        plural,
        version: None,
        namespaced,
        counted,
        ready: "condition Ready is True, for the current generation",
        source: READ,
        judge: |object| object.expects("Ready", "True").into(),
    }
}

fn certificate(object: View<'_>) -> Judgement {
    let mut judged = Judgement::from(object.expects("Ready", "True"));
    if let Standing::NotReady(reason) = &mut judged.standing {
        // How the last attempt went: the next one follows after 1 to 32 hours.
        let attempts = object.number("/status/failedIssuanceAttempts").unwrap_or_default();
        if let Some(issuing) = object.condition("Issuing").filter(|issuing| attempts > 0 && issuing.has("False")) {
            let Reason { word, message, .. } = issuing.why();
            let more = format!(
                "; {attempts} attempts have failed ({word}: {message}), the next one may be up to 32 hours away"
            );
            reason.message.push_str(&more);
        }
    }
    let name = object.text("/spec/issuerRef/name");
    let group = object.text("/spec/issuerRef/group");
    let kind = object.text("/spec/issuerRef/kind");
    let link = match kind {
        _ if !matches!(group, "" | GROUP) => None,
        "ClusterIssuer" => {
            let mut link = Link::to(kind, GROUP, object, "", name);
            link.id.namespace.clear();
            Some(link)
        }
        _ => Some(Link::to("Issuer", GROUP, object, "", name)),
    };
    judged.waiting_for(link)
}
