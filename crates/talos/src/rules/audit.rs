//! The audit policy of the API server. Talos reads it strictly before it writes the files of the control plane: what it does
//! not know there ends in no API server. What it knows, kube-apiserver validates at its start.
//!
//! Talos 1.13.9, `internal/app/machined/pkg/controllers/k8s/render_config_static_pods.go` (`auditPolicyConfig`);
//! k8s.io/apiserver 0.36, `pkg/apis/audit/v1/types.go`, `pkg/apis/audit/validation/validation.go`,
//! `pkg/audit/policy/reader.go`.

use super::shape::{Shape, TEXTS, misfits};
use super::{Rules, names};
use crate::value::Value;

/// The rule's name.
pub(super) const AUDIT: &str = "cluster.apiServer.auditPolicy";

const POLICY: Shape = Shape::Fields(&[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    ("metadata", Shape::Any),
    ("omitStages", TEXTS),
    ("omitManagedFields", Shape::Bool),
    (
        "rules",
        Shape::List(&Shape::Fields(&[
            ("level", Shape::Text),
            ("users", TEXTS),
            ("userGroups", TEXTS),
            ("verbs", TEXTS),
            (
                "resources",
                Shape::List(&Shape::Fields(&[("group", Shape::Text), ("resources", TEXTS), ("resourceNames", TEXTS)])),
            ),
            ("namespaces", TEXTS),
            ("nonResourceURLs", TEXTS),
            ("omitStages", TEXTS),
            ("omitManagedFields", Shape::Bool),
        ])),
    ),
]);

const LEVELS: &[&str] = &["None", "Metadata", "Request", "RequestResponse"];
const STAGES: &[&str] = &["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];

pub(super) fn policy(rules: &mut Rules<'_>, server: &Value) {
    let policy = server.get("auditPolicy");
    let found = misfits(policy, &POLICY, "");
    for (value, below, why) in &found {
        let text = format!("{why}: Talos does not render the API server's configuration with this");
        rules.refuse(AUDIT, value, &format!("{AUDIT}{below}"), text);
    }
    if !found.is_empty() {
        return;
    }
    let mut refuse = |value: &Value, below: &str, why: &str| {
        let value = if value.at.is_some() { value } else { policy };
        rules.refuse(
            AUDIT,
            value,
            &format!("{AUDIT}{below}"),
            format!("{why}: kube-apiserver does not start with this"),
        );
    };
    // A policy in a patch takes the place of the whole one: nothing of Talos' own is left.
    for (field, wanted) in [("apiVersion", "audit.k8s.io/v1"), ("kind", "Policy")] {
        if policy.get(field).text() != wanted {
            refuse(policy.get(field), &format!(".{field}"), &format!("{field} must be {wanted}"));
        }
    }
    stages(&mut refuse, policy, "");
    let list = policy.get("rules");
    if list.items().is_empty() {
        refuse(list, ".rules", "a policy needs at least one rule");
    }
    for (index, rule) in list.items().iter().enumerate() {
        let path = format!(".rules[{index}]");
        let level = rule.get("level");
        if !LEVELS.contains(&level.text()) {
            let at = if level.is_nil() { rule } else { level };
            refuse(at, &format!("{path}.level"), &format!("one of {} is expected here", LEVELS.join(", ")));
        }
        urls(&mut refuse, rule, &path);
        for resource in rule.get("resources").items() {
            let group = resource.get("group");
            if !matches!(group.text(), "" | "*") && !names::is_subdomain(group.text()) {
                refuse(group, &format!("{path}.resources.group"), "an API group without its version is expected here");
            }
            let named = resource.get("resourceNames");
            if !named.items().is_empty() && resource.get("resources").items().is_empty() {
                refuse(named, &format!("{path}.resources.resourceNames"), "resourceNames need resources beside them");
            }
        }
        stages(&mut refuse, rule, &path);
    }
}

fn urls(refuse: &mut impl FnMut(&Value, &str, &str), rule: &Value, path: &str) {
    let list = rule.get("nonResourceURLs");
    let path = format!("{path}.nonResourceURLs");
    for url in list.items().iter().filter(|url| url.text() != "*") {
        if !url.text().starts_with('/') {
            refuse(url, &path, "a path that begins with / is expected here");
        } else if url.text().strip_suffix('*').unwrap_or(url.text()).contains('*') {
            refuse(url, &path, "* may stand only at the end of a path");
        }
    }
    let has = |field: &str| !rule.get(field).items().is_empty();
    if has("nonResourceURLs") && (has("resources") || has("namespaces")) {
        refuse(list, &path, "a rule is for resources and namespaces, or for other paths, not for both");
    }
}

fn stages(refuse: &mut impl FnMut(&Value, &str, &str), parent: &Value, path: &str) {
    for stage in parent.get("omitStages").items().iter().filter(|stage| !STAGES.contains(&stage.text())) {
        refuse(stage, &format!("{path}.omitStages"), &format!("one of {} is expected here", STAGES.join(", ")));
    }
}
