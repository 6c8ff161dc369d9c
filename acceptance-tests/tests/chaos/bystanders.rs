//! What is nobody's of ours, beside what is, with names that are alike: it must be there at the end as it was.

use acceptance_tests::{Vault, kubectl};
use serde_json::{Value, json};

use crate::estate::Estate;

const SECRETS: [&str; 3] = ["file", "file-1-old", "born"];
const SOMEBODY: &str = "somebody";

/// All of them, as they were.
pub(crate) struct Bystanders {
    secrets: Vec<Value>,
    devices: Vec<String>,
    mount: String,
    in_vault: Vec<Option<Value>>,
}

impl Bystanders {
    /// Puts them there.
    pub(crate) fn among(estate: &Estate, vault: &Vault) -> Self {
        let namespace = &estate.namespace;
        for name in SECRETS {
            kubectl::apply_as(SOMEBODY, &namespace.manifest(name, &[("key", "somebody's")]));
        }
        kubectl::apply_as(SOMEBODY, &namespace.manifest("adopted", &[("theirs", "somebody's")]));
        let tailnet = &estate.tailnet;
        let hour = std::time::Duration::from_hours(1);
        let mut devices = vec![
            tailnet.ghost("k8s-vault", &["tag:k8s"], hour),
            tailnet.ghost("k8s", &["tag:other"], hour),
            tailnet.joins("k8s", &["tag:k8s"]),
        ];
        devices.push(estate.protected.clone());
        let mount = format!("{}-old", estate.mount);
        vault.write(&format!("sys/auth/{mount}"), &json!({"type": "jwt", "description": "somebody's"}));
        vault.write(&format!("auth/{mount}/config"), &json!({"jwt_validation_pubkeys": [key()]}));
        let role =
            json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["theirs"], "token_policies": [mount]});
        vault.write(&format!("auth/{mount}/role/role-1"), &role);
        vault.write(
            &format!("sys/policies/acl/{mount}"),
            &json!({"policy": "path \"a\" { capabilities = [\"read\"] }"}),
        );
        let mut bystanders = Self { secrets: Vec::new(), devices, mount, in_vault: Vec::new() };
        bystanders.secrets = SECRETS.iter().filter_map(|name| namespace.secret(name)).collect();
        bystanders.in_vault = bystanders.seen_in_vault(vault);
        assert!(bystanders.secrets.len() == SECRETS.len() && bystanders.in_vault.iter().all(Option::is_some));
        bystanders
    }

    fn seen_in_vault(&self, vault: &Vault) -> Vec<Option<Value>> {
        let mount = &self.mount;
        let paths = [
            format!("sys/auth/{mount}"),
            format!("auth/{mount}/config"),
            format!("auth/{mount}/role/role-1"),
            format!("sys/policies/acl/{mount}"),
        ];
        paths.iter().map(|path| vault.read(path)).collect()
    }

    /// What of them is not as it was.
    pub(crate) fn losses(&self, estate: &Estate, vault: &Vault) -> Vec<String> {
        let mut losses = Vec::new();
        for (name, was) in SECRETS.iter().zip(&self.secrets) {
            // The whole object: a write without a change would show, too.
            if estate.namespace.secret(name).as_ref() != Some(was) {
                losses.push(format!("somebody's Secret {name} is not as it was"));
            }
        }
        let world = estate.tailnet.world();
        for device in &self.devices {
            if !world.devices.iter().any(|there| there.node_id == *device) {
                losses.push(format!("the device {device} was not to go"));
            }
        }
        drop(world);
        for (was, now) in self.in_vault.iter().zip(self.seen_in_vault(vault)) {
            if *was != now {
                losses.push(format!("in Vault, {was:?} of somebody is now {now:?}"));
            }
        }
        losses
    }

    /// Takes away what is in the Vault that the next round uses.
    pub(crate) fn leave(&self, vault: &Vault) {
        vault.delete(&format!("sys/auth/{}", self.mount));
        vault.delete(&format!("sys/policies/acl/{}", self.mount));
    }
}

fn key() -> String {
    rcgen::KeyPair::generate().unwrap().public_key_pem()
}
