//! What Vault accepts and is hardly meant: told while planning. The rules are those of `docs/design/domain-rules.md`, 13.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::model::VaultJwtRole as Model;

/// Vault refuses a role that would let everybody in.
pub(super) fn validate(config: &Model, found: &mut Diagnostics) {
    let bounds = [
        config.bound_audiences.is_null(),
        config.bound_subject.is_null(),
        config.bound_claims.is_null(),
        config.token_bound_cidrs.is_null(),
    ];
    if bounds.into_iter().all(|absent| absent) {
        let detail = "Set at least one of bound_audiences, bound_subject, bound_claims and token_bound_cidrs: Vault refuses a role without a bound, since every token of the cluster could log in.";
        found.push(Diagnostic::error("The role has no bounds", detail));
    }
}

pub(super) fn of(planned: &Model) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut warn = |attribute: &'static str, summary: &str, detail: String| {
        found.push(Diagnostic::warning(summary, detail).at(AttributePath::new(attribute)));
    };
    if planned.token_policies.is_null() {
        let detail =
            "A login gets a token with the policy `default` only, unless its identity adds others. Set token_policies.";
        warn("token_policies", "The role gives no policies", detail.to_owned());
    }
    if planned.bound_audiences.is_null() {
        let detail = "Every ServiceAccount token has an audience (aud), and Vault refuses a token with an audience at a role without bound_audiences.";
        warn("bound_audiences", "The role has no bound_audiences", detail.to_owned());
    }
    if let Some(subject) = planned.bound_subject.as_deref_option().filter(|subject| subject.contains(['*', '?'])) {
        let claim = "bound_claims = { sub = [\"…\"] } with bound_claims_type = \"glob\"";
        let detail =
            format!("bound_subject is compared exactly, so {subject:?} matches no ServiceAccount. Write {claim}.");
        warn("bound_subject", "Wildcard in a value that is compared exactly", detail);
    }
    if planned.bound_claims_type.as_deref_option() == Some("string") {
        let claims = planned.bound_claims.as_ref_option();
        for (name, values) in claims.into_iter().flatten() {
            if let Some(value) = values.0.iter().find(|value| value.contains('*')) {
                let detail = format!(
                    "bound_claims {name:?} is compared exactly, so {value:?} matches that text only. For a pattern set bound_claims_type = \"glob\"."
                );
                warn("bound_claims", "Wildcard in a value that is compared exactly", detail);
            }
        }
    }
    found
}
