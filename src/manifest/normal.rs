//! What a manifest says that means nothing, taken out before it is compared or written. Pure.

use serde_json::Value as Json;

/// The group of the roles.
const ROLES: &str = "rbac.authorization.k8s.io/";

/// The manifest without what means nothing to the API server.
#[must_use]
pub fn normal(mut manifest: Json) -> Json {
    // As `kubectl` reads it.
    if let Some(metadata) = manifest.get_mut("metadata").and_then(Json::as_object_mut)
        && metadata.get("namespace").and_then(Json::as_str) == Some("")
    {
        metadata.remove("namespace");
    }
    // A controller writes them: whoever writes none is not in its way, and fights it where none are written all the same.
    if is_aggregated(&manifest)
        && let Some(fields) = manifest.as_object_mut()
        && fields.get("rules").and_then(Json::as_array).is_some_and(Vec::is_empty)
    {
        fields.remove("rules");
    }
    manifest
}

/// Is it a role whose rules are those of others? "If `AggregationRule` is set, then the Rules are controller managed and direct changes
/// to Rules will be stomped by the controller" (k8s.io/api v0.37.2, `rbac/v1/types.go`).
#[must_use]
pub fn is_aggregated(manifest: &Json) -> bool {
    let text = |name: &str| manifest.get(name).and_then(Json::as_str).unwrap_or_default();
    text("apiVersion").starts_with(ROLES)
        && text("kind") == "ClusterRole"
        && manifest.get("aggregationRule").is_some_and(|rule| !rule.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_means_nothing_goes() {
        let role = |rules: Json, rule: Json| {
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a", "namespace": ""},
                "rules": rules, "aggregationRule": rule})
        };
        let found = normal(role(json!([]), json!({"clusterRoleSelectors": []})));
        assert!(found.get("rules").is_none() && found["metadata"] == json!({"name": "a"}));
        let own = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
        assert_eq!(normal(role(own.clone(), json!({})))["rules"], own, "which is refused");
        assert_eq!(normal(role(json!([]), Json::Null))["rules"], json!([]), "a role that allows nothing");
        let other = json!({"apiVersion": "v1", "kind": "ClusterRole", "metadata": {"namespace": "n"}, "rules": [], "aggregationRule": {}});
        assert_eq!(normal(other.clone()), other);
    }
}
