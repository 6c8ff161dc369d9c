//! The document of rules by which a machine trusts images.

use super::Check;
use crate::value::Value;

/// Each rule lets pass, denies, or verifies in one way.
pub(super) fn rules(check: &mut Check, document: &Value) {
    for (index, rule) in document.get("rules").items().iter().enumerate() {
        let path = |key: &str| format!("rules[{index}].{key}");
        if rule.get("image").text().is_empty() {
            check.refuse(rule, &path("image"), "image must be set");
        }
        let (skip, deny) = (rule.get("skip").is_true(), rule.get("deny").is_true());
        let (keyless, key) = (rule.get("keyless"), rule.get("publicKey"));
        let verifies = !keyless.is_nil() || !key.is_nil();
        if skip && deny {
            check.refuse(rule, &path("skip"), "skip and deny cannot both be true");
        }
        if (skip || deny) && verifies {
            check.refuse(rule, &path("skip"), "a rule that skips or denies verifies nothing");
        }
        if !skip && !deny && !verifies {
            check.refuse(rule, &path("keyless"), "keyless or publicKey must be set");
        }
        if !keyless.is_nil() && !key.is_nil() {
            check.refuse(key, &path("publicKey"), "keyless and publicKey cannot both be set");
        }
        if !keyless.is_nil() {
            if keyless.get("issuer").text().is_empty() {
                check.refuse(keyless, &path("keyless.issuer"), "issuer must be set");
            }
            if ["subject", "subjectRegex"].iter().all(|name| keyless.get(name).text().is_empty()) {
                check.refuse(keyless, &path("keyless.subject"), "subject or subjectRegex must be set");
            }
        }
        if !key.is_nil() && key.get("certificate").text().is_empty() {
            check.refuse(key, &path("publicKey.certificate"), "certificate must be set");
        }
    }
}
