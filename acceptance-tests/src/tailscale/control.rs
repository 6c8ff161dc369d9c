//! The control server: where it listens, whose credentials it accepts, and what is on its tailnet.

use std::cell::RefCell;
use std::fs::File;
use std::process::Command;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Attached, ask, part};
use crate::{Workspace, canary, node, poll};

/// The domain of every such tailnet.
const DOMAIN: &str = "tail1234.ts.net";

/// An OAuth client.
#[derive(Clone, Debug, Serialize)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The tags that it owns.
    pub tags: Vec<String>,
}

impl Client {
    /// One with a new secret.
    #[must_use]
    pub fn new(id: &str, scopes: &[&str], tags: &[&str]) -> Self {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Self { id: id.to_owned(), secret: canary::plant(), scopes: owned(scopes), tags: owned(tags) }
    }
}

/// A control server that runs; its tailnet ends with the value.
#[derive(Debug)]
pub struct ControlServer {
    url: String,
    commands: String,
    /// The test's own API key.
    key: String,
    keys: RefCell<Vec<String>>,
    clients: RefCell<Vec<Client>>,
    folder: tempfile::TempDir,
    _process: Attached,
}

impl ControlServer {
    /// One that only this machine reaches.
    #[must_use]
    pub fn start() -> Self {
        Self::start_at("127.0.0.1")
    }

    /// One that the pods of the testbed's cluster reach, too.
    #[must_use]
    pub fn for_the_cluster() -> Self {
        Self::start_at(&node::way_out())
    }

    fn start_at(address: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(part("control"));
        let (process, said) = Attached::start(command.args(["-address", address, "-domain", DOMAIN]).stderr(log));
        let text = |field: &str| said[field].as_str().unwrap_or_else(|| panic!("no {field}: {said}")).to_owned();
        let server = Self {
            url: text("url"),
            commands: text("commands"),
            key: canary::plant(),
            keys: RefCell::default(),
            clients: RefCell::default(),
            folder,
            _process: process,
        };
        server.tell();
        server
    }

    /// Its address, for `base_url` and for nodes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The whole name of the device that has this label.
    #[must_use]
    pub fn name(label: &str) -> String {
        format!("{label}.{DOMAIN}")
    }

    /// An API key that may do everything.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Accepts this OAuth client, in place of one with its id, whose tokens end.
    pub fn accept(&self, client: &Client) {
        self.clients.borrow_mut().retain(|other| other.id != client.id);
        self.clients.borrow_mut().push(client.clone());
        self.tell();
    }

    /// Writes the `tailscale` block of a provider that logs in here with an API key, which is planted as a secret.
    #[must_use]
    pub fn block(&self, workspace: &Workspace) -> String {
        let (file, key) = workspace.secret_file("tailscale-api-key");
        self.keys.borrow_mut().push(key);
        self.tell();
        format!("tailscale = {{\n  base_url = \"{}\"\n  api_key_file = \"{file}\"\n}}", self.url)
    }

    fn tell(&self) {
        let keys: Vec<String> = self.keys.borrow().iter().cloned().chain([self.key.clone()]).collect();
        let access = json!({"keys": keys, "clients": *self.clients.borrow()});
        let (code, answer) = ask("PUT", &format!("{}/access", self.commands), "", Some(&access));
        assert_eq!(code, 200, "{answer}");
    }

    /// Every token and every auth key that was given out.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let (code, answer) = ask("GET", &format!("{}/secrets", self.commands), "", None);
        assert_eq!(code, 200, "{answer}");
        serde_json::from_value(answer).unwrap()
    }

    /// Every device, as the API shows it.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn devices(&self) -> Vec<Value> {
        let (code, answer) = ask("GET", &format!("{}/api/v2/tailnet/-/devices", self.url), &self.key, None);
        assert_eq!(code, 200, "{answer}");
        answer["devices"].as_array().unwrap().clone()
    }

    /// The device that has this label.
    #[must_use]
    pub fn device(&self, label: &str) -> Option<Value> {
        let name = Self::name(label);
        self.devices().into_iter().find(|device| device["name"] == name)
    }

    /// Waits until the device with this label is connected, or is not.
    #[must_use]
    pub fn until_connected(&self, label: &str, connected: bool) -> Value {
        let what = format!("{label} with connectedToControl {connected} among the devices");
        poll::until(Duration::from_mins(1), &what, || {
            self.device(label).filter(|device| device["connectedToControl"] == connected)
        })
    }

    /// A new auth key for one device.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn auth_key(&self, tags: &[&str], ephemeral: bool) -> String {
        let create = json!({"reusable": false, "ephemeral": ephemeral, "preauthorized": true, "tags": tags});
        let wanted = json!({"capabilities": {"devices": {"create": create}}, "expirySeconds": 600});
        let (code, answer) = ask("POST", &format!("{}/api/v2/tailnet/-/keys", self.url), &self.key, Some(&wanted));
        assert_eq!(code, 200, "{answer}");
        answer["key"].as_str().unwrap().to_owned()
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            println!("the control server, its last lines:\n{}", lines[lines.len().saturating_sub(30)..].join("\n"));
        }
    }
}
