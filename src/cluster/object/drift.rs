//! What of a live object is not as it should be. Pure. What nobody asked for is not looked at: the API server fills in
//! defaults, and controllers have fields of their own.

use serde_json::Value as Json;

/// The paths of the fields that differ, `spec.ports[0].port`.
#[must_use]
pub fn differences(wanted: &Json, live: &Json) -> Vec<String> {
    let mut found = Vec::new();
    compare(wanted, live, String::new(), &mut found);
    found
}

fn compare(wanted: &Json, live: &Json, path: String, found: &mut Vec<String>) {
    match (wanted, live) {
        (Json::Object(fields), Json::Object(_)) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(value, live.get(name).unwrap_or(&Json::Null), path, found);
            }
        }
        (Json::Object(fields), Json::Null)
            if fields.values().all(|value| *value == Json::Object(serde_json::Map::new())) => {}
        (Json::Array(members), Json::Array(there)) if members.len() == there.len() => {
            for (index, (member, live)) in members.iter().zip(there).enumerate() {
                compare(member, live, format!("{path}[{index}]"), found);
            }
        }
        _ if wanted == live => {}
        _ => found.push(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_asked_for_is_compared() {
        let wanted = json!({"metadata": {"labels": {}}, "spec": {"ports": [{"port": 6443}], "type": "LoadBalancer"}});
        let live = json!({"spec": {"ports": [{"port": 6443, "nodePort": 3}], "type": "LoadBalancer"}, "status": {}});
        assert_eq!(differences(&wanted, &live), ["metadata"; 0]);
        let other = json!({"spec": {"ports": [{"port": 443}, {"port": 1}], "type": "ClusterIP"}});
        assert_eq!(differences(&wanted, &other), ["spec.ports", "spec.type"]);
        let port = json!({"metadata": {}, "spec": {"ports": [{"port": 443}], "type": "LoadBalancer"}});
        assert_eq!(differences(&wanted, &port), ["spec.ports[0].port"]);
    }
}
