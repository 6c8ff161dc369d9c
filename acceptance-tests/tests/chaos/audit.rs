//! Compares what a state lists with what exists, of all that is ours; breaks the state's file, and mends it as a user would. Pure where it
//! compares.

use std::collections::BTreeSet;
use std::fs;
use std::time::SystemTime;

use acceptance_tests::{Namespace, Vault, kubectl};
use serde_json::Value;

use crate::estate::Estate;

/// What every object of ours in a cluster bears.
const INSTANCE: &str = "tazlab.io/instance";

/// The addresses of a state, and the tainted ones among them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) all: BTreeSet<String>,
    pub(crate) tainted: BTreeSet<String>,
}

impl Listed {
    /// Reads the state's file.
    pub(crate) fn of(estate: &Estate) -> Result<Self, String> {
        let file = fs::read_to_string(estate.workspace.state_file());
        Self::read(&file.map_err(|error| format!("the state cannot be read: {error}"))?)
    }

    /// The same after a first apply that may not have come to writing one: then there is no file.
    pub(crate) fn of_a_beginning(estate: &Estate) -> Result<Self, String> {
        let file = fs::read_to_string(estate.workspace.state_file());
        file.ok().map_or_else(|| Ok(Self::default()), |text| Self::read(&text))
    }

    /// `tazlab_bootstrap_secret file-1`: the type and the name at the place where it is.
    fn read(text: &str) -> Result<Self, String> {
        let state: Value = serde_json::from_str(text).map_err(|error| format!("the state is no JSON: {error}"))?;
        let mut listed = Self::default();
        for resource in state["resources"].as_array().into_iter().flatten() {
            let kind = resource["type"].as_str().unwrap_or_default();
            for instance in resource["instances"].as_array().into_iter().flatten() {
                let name = ["name", "mount"].iter().find_map(|name| instance["attributes"][*name].as_str());
                // A role has a mount, too; its name comes first.
                let address = format!("{kind} {}", name.unwrap_or("names"));
                if instance["status"] == "tainted" {
                    listed.tainted.insert(address.clone());
                }
                listed.all.insert(address);
            }
        }
        Ok(listed)
    }
}

/// Empties the state's file, where a run that began at that time has written it: before it has there is no moment at which it is
/// empty.
pub(crate) fn empty(estate: &Estate, began: SystemTime) {
    let state = estate.workspace.state_file();
    if fs::metadata(&state).is_ok_and(|file| file.modified().unwrap() >= began) {
        fs::write(state, "").unwrap();
    }
}

/// Does what a user has to do when a file is there that is no state, as a Terraform leaves it that was killed while it wrote it:
/// takes the backup, which is from before the run, or begins anew where there is none. False where nothing is to be done.
pub(crate) fn restore(estate: &Estate) -> bool {
    let state = estate.workspace.state_file();
    let broken = fs::read_to_string(&state).is_ok_and(|text| serde_json::from_str::<Value>(&text).is_err());
    if broken && fs::copy(state.with_extension("tfstate.backup"), &state).is_err() {
        fs::remove_file(&state).unwrap();
    }
    broken
}

/// The Secrets in a namespace that bear our mark, with their uids.
pub(crate) fn secrets(namespace: &Namespace) -> Vec<(String, String)> {
    let all = kubectl::object(&["secrets", "-n", namespace.name()]).unwrap_or_default();
    let ours = |secret: &&Value| secret["metadata"]["annotations"][INSTANCE].is_string();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = all["items"].as_array().into_iter().flatten().filter(ours);
    found.map(|secret| (text(&secret["metadata"]["name"]), text(&secret["metadata"]["uid"]))).collect()
}

/// All of ours that exists, as [`Listed`] names it.
pub(crate) fn existing(estate: &Estate, vault: &Vault) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for namespace in [&estate.namespace, &estate.born] {
        found.extend(secrets(namespace).into_iter().map(|(name, _)| format!("tazlab_bootstrap_secret {name}")));
    }
    if vault.read(&format!("sys/auth/{}", estate.mount)).is_some() {
        found.insert(format!("tazlab_vault_jwt_auth {}", estate.mount));
        let roles = vault.ask("LIST", &format!("auth/{}/role", estate.mount), None).1;
        let roles = roles["data"]["keys"].as_array().cloned().unwrap_or_default();
        found.extend(roles.iter().filter_map(Value::as_str).map(|name| format!("tazlab_vault_jwt_role {name}")));
    }
    found
}

/// What is in one and not in the other. A cleanup is nothing that exists.
pub(crate) fn differences(listed: &BTreeSet<String>, existing: &BTreeSet<String>) -> Vec<String> {
    let listed: BTreeSet<String> =
        listed.iter().filter(|address| !address.starts_with("tazlab_tailnet_cleanup ")).cloned().collect();
    let forgotten = existing.difference(&listed).map(|object| format!("{object} exists and is not in the state"));
    let imagined = listed.difference(existing).map(|object| format!("{object} is in the state and does not exist"));
    forgotten.chain(imagined).collect()
}

#[test]
fn what_is_forgotten_and_what_is_imagined_is_found() {
    let state = serde_json::json!({"resources": [
        {"type": "tazlab_bootstrap_secret", "instances": [
            {"attributes": {"name": "a"}}, {"attributes": {"name": "b"}, "status": "tainted"}]},
        {"type": "tazlab_vault_jwt_role", "instances": [{"attributes": {"name": "r", "mount": "jwt"}}]},
        {"type": "tazlab_tailnet_cleanup", "instances": [{"attributes": {"tags": ["tag:k8s"]}}]},
    ]});
    let listed = Listed::read(&state.to_string()).unwrap();
    assert_eq!(listed.tainted, BTreeSet::from(["tazlab_bootstrap_secret b".to_owned()]));
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let same = set(&["tazlab_bootstrap_secret a", "tazlab_bootstrap_secret b", "tazlab_vault_jwt_role r"]);
    assert_eq!(differences(&listed.all, &same), [""; 0]);
    let other = set(&["tazlab_bootstrap_secret a", "tazlab_bootstrap_secret c", "tazlab_vault_jwt_role r"]);
    assert_eq!(
        differences(&listed.all, &other),
        [
            "tazlab_bootstrap_secret c exists and is not in the state",
            "tazlab_bootstrap_secret b is in the state and does not exist"
        ]
    );
    Listed::read("{").unwrap_err();
}
