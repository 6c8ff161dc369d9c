//! A birth, as it can be compared with another: what is in the cluster, in Vault, on the tailnet and in the state, without what
//! is another one in each cluster (ids, versions, times, addresses that are handed out).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cluster::{ours, told};
use super::estate::Estate;

/// What each cluster has for itself.
const OWN: &[&str] = &[
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "managedFields",
    "ownerReferences",
    "status",
    "tazlab.io/instance",
    "clusterIPs",
    "nodePort",
    "externalName",
    "accessor",
    "uuid",
];

/// Each thing by its name.
pub(crate) fn birth(estate: &Estate) -> BTreeMap<String, Value> {
    let mut all: BTreeMap<String, Value> =
        ours(&estate.foreign).into_iter().map(|object| (told(&object), object)).collect();
    for path in ["sys/auth/jwt", "auth/jwt/config", "auth/jwt/role/grafana-consumer"] {
        all.insert(format!("Vault {path}"), estate.vault.read(path).unwrap_or_default());
    }
    for device in &estate.tailnet.world().devices {
        all.insert(
            format!("device {}", device.name()),
            json!([device.hostname, device.tags, device.away_since.is_none()]),
        );
    }
    let state = estate.workspace.state();
    let outputs = &state["values"]["outputs"];
    for name in ["api_server", "bootstrap", "repository", "kubeconfig"] {
        all.insert(format!("output {name}"), outputs[name]["value"].clone());
    }
    let resources = state["values"]["root_module"]["resources"].as_array().expect("resources");
    all.insert("state".to_owned(), resources.iter().map(|resource| resource["address"].clone()).collect());
    all.values_mut().for_each(without_own);
    all
}

fn without_own(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|name, value| {
                !OWN.contains(&name.as_str()) && (name != "clusterIP" || *value == super::lives::CLUSTER_IP)
            });
            entries.values_mut().for_each(without_own);
        }
        Value::Array(items) => items.iter_mut().for_each(without_own),
        _ => {}
    }
}

/// # Panics
/// When they are not the same, with the first difference.
pub(crate) fn same(first: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>) {
    let names = |birth: &BTreeMap<String, Value>| birth.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(other), names(first));
    for (name, value) in first {
        assert_eq!(&other[name], value, "{name}");
    }
}
