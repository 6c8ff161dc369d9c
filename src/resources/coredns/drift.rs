//! What of the live objects is not as it should be. Pure. What nobody asked for is not looked at: the API server fills
//! in defaults, and other tools have fields of their own.

use serde_json::Value as Json;

use super::model::Coredns;
use super::objects::Wanted;
use super::parts::Part;
use super::sight::Sight;

/// Lists whose members are told apart by a field; members beyond those that are wanted are somebody else's.
const KEYED: &[(&str, &str)] =
    &[("containers", "name"), ("ports", "name"), ("volumes", "name"), ("volumeMounts", "mountPath")];

/// What differs, for people: missing objects, and fields by their paths.
pub(super) fn differences(wanted: &Wanted<'_>, model: &Coredns, sight: &Sight) -> Vec<String> {
    let mut found = Vec::new();
    for part in Part::ALL {
        match (part.is_wanted(wanted.replicas()), sight.parts.get(&part)) {
            (true, None) => found.push(format!("{} is missing", part.title(model))),
            (true, Some(live)) => {
                let mut paths = Vec::new();
                compare(&wanted.object(part), &live.object.value, "", &mut paths);
                if !paths.is_empty() {
                    found.push(format!("{}: {}", part.title(model), paths.join(", ")));
                }
            }
            (false, _) => {}
        }
    }
    found
}

fn compare(wanted: &Json, live: &Json, path: &str, found: &mut Vec<String>) {
    match (wanted, live) {
        (Json::Object(fields), Json::Object(_)) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(value, live.get(name).unwrap_or(&Json::Null), &path, found);
            }
        }
        (Json::Object(fields), Json::Null) if fields.is_empty() => {}
        (Json::Array(members), Json::Array(there)) => {
            let field = path.rsplit('.').next().unwrap_or_default();
            let key = KEYED.iter().find(|(name, _)| *name == field).map(|(_, key)| *key);
            if key.is_none() && members.len() != there.len() {
                found.push(path.to_owned());
                return;
            }
            for (index, member) in members.iter().enumerate() {
                let partner = match key {
                    Some(key) => there.iter().find(|live| live.get(key) == member.get(key)),
                    None => there.get(index),
                };
                compare(member, partner.unwrap_or(&Json::Null), &format!("{path}[{index}]"), found);
            }
        }
        (Json::Array(members), Json::Null) if members.is_empty() => {}
        _ if wanted == live || (path.contains(".resources.") && same_quantity(wanted, live)) => {}
        _ => found.push(path.to_owned()),
    }
}

/// The API server writes quantities in a form of its own: 0.1 is 100m.
fn same_quantity(a: &Json, b: &Json) -> bool {
    let of = |value: &Json| value.as_str().and_then(quantity);
    of(a).zip(of(b)).is_some_and(|(a, b)| (a - b).abs() <= f64::EPSILON * a.abs().max(b.abs()))
}

fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(wanted: &Json, live: &Json) -> Vec<String> {
        let mut paths = Vec::new();
        compare(wanted, live, "", &mut paths);
        paths
    }

    #[test]
    fn what_nobody_asked_for_is_no_difference() {
        let wanted = json!({"spec": {"ports": [{"name": "dns", "port": 53}], "rules": [{"verbs": ["list"]}]}});
        let live = json!({"spec": {"ports": [{"name": "other", "port": 1}, {"name": "dns", "port": 53, "nodePort": 3}],
                                   "rules": [{"verbs": ["list"]}], "type": "ClusterIP"}, "status": {}});
        assert_eq!(found(&wanted, &live), [""; 0]);
    }

    #[test]
    fn changed_missing_and_added_values_are_found_by_their_paths() {
        let wanted = json!({"data": {"Corefile": "a"}, "rules": [{"verbs": ["list"]}], "spec": {"replicas": 2}});
        let live = json!({"data": {"Corefile": "b"}, "rules": [{"verbs": ["list"]}, {"verbs": ["*"]}], "spec": {}});
        assert_eq!(found(&wanted, &live), ["data.Corefile", "rules", "spec.replicas"]);
    }

    #[test]
    fn quantities_are_compared_by_their_value() {
        let of = |cpu: &str| json!({"spec": {"resources": {"requests": {"cpu": cpu}}}});
        assert_eq!(found(&of("0.1"), &of("100m")), [""; 0]);
        assert_eq!(found(&of("1024Mi"), &of("1Gi")), [""; 0]);
        assert_eq!(found(&of("0.2"), &of("100m")), ["spec.resources.requests.cpu"]);
    }
}
