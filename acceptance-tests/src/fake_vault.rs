//! A Vault that can be made to misbehave, which the real one does not: the API of JWT auth methods in memory, and a twist that
//! answers in its place.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::web::{Heard, Reply, Web};
use crate::{Workspace, canary};

type Twist = dyn Fn(&Heard) -> Option<Reply> + Send + Sync;

/// What it holds.
#[derive(Debug, Default)]
struct World {
    mounts: BTreeMap<String, Value>,
    configs: BTreeMap<String, Value>,
    roles: BTreeMap<String, BTreeMap<String, Value>>,
    mounted: usize,
}

/// A fake Vault; it ends with its value.
pub struct FakeVault {
    /// The server.
    pub web: Web,
    token: String,
    world: Arc<Mutex<World>>,
    twist: Arc<Mutex<Option<Box<Twist>>>>,
}

impl std::fmt::Debug for FakeVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FakeVault").field(&self.web).finish()
    }
}

impl FakeVault {
    /// Without TLS.
    #[must_use]
    pub fn plain() -> Self {
        Self::start(Web::plain)
    }

    /// With TLS.
    #[must_use]
    pub fn tls() -> Self {
        Self::start(Web::tls)
    }

    fn start(server: impl FnOnce(Box<dyn Fn(&Heard) -> Reply + Send + Sync>) -> Web) -> Self {
        let (token, world) = (canary::plant(), Arc::<Mutex<World>>::default());
        let twist = Arc::<Mutex<Option<Box<Twist>>>>::default();
        let (expected, ours, twisted) = (token.clone(), Arc::clone(&world), Arc::clone(&twist));
        let web = server(Box::new(move |heard| {
            let answer = twisted.lock().unwrap().as_ref().and_then(|twist| twist(heard));
            answer.unwrap_or_else(|| ours.lock().unwrap().answer(heard, &expected))
        }));
        Self { web, token, world, twist }
    }

    /// From now on `twist` answers, where it has an answer.
    pub fn twist(&self, twist: impl Fn(&Heard) -> Option<Reply> + Send + Sync + 'static) {
        *self.twist.lock().unwrap() = Some(Box::new(twist));
    }

    /// From now on it behaves.
    pub fn behave(&self) {
        *self.twist.lock().unwrap() = None;
    }

    /// Its token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The provider's `vault` block for it, with the token in a file; the token is among what may not leak.
    #[must_use]
    pub fn block(&self, workspace: &Workspace) -> String {
        self.block_at(workspace, &self.web.url(), "")
    }

    /// The same at another address, with more arguments.
    #[must_use]
    pub fn block_at(&self, workspace: &Workspace, address: &str, arguments: &str) -> String {
        let file = self.token_file(workspace);
        format!("vault = {{\n  address    = \"{address}\"\n  token_file = \"{file}\"\n{arguments}\n}}")
    }

    /// A file with the token, which is among what may not leak.
    #[must_use]
    pub fn token_file(&self, workspace: &Workspace) -> String {
        workspace.plant(&self.token);
        workspace.source("vault-token", format!("{}\n", self.token))
    }

    /// The mount at a path.
    #[must_use]
    pub fn mount(&self, path: &str) -> Option<Value> {
        self.world.lock().unwrap().mounts.get(path).cloned()
    }

    /// The configuration of a mount.
    #[must_use]
    pub fn config(&self, path: &str) -> Option<Value> {
        self.world.lock().unwrap().configs.get(path).cloned()
    }

    /// Somebody else unmounts what is at the path, and mounts something of his own there.
    pub fn remount(&self, path: &str, kind: &str) {
        self.world.lock().unwrap().mount(path, &json!({"type": kind}));
    }

    /// Somebody else unmounts what is at the path.
    pub fn unmount(&self, path: &str) {
        let mut world = self.world.lock().unwrap();
        world.mounts.remove(path);
        world.configs.remove(path);
        world.roles.remove(path);
    }

    /// Somebody else writes the configuration of a mount.
    pub fn write_config(&self, path: &str, config: &Value) {
        self.world.lock().unwrap().configs.insert(path.to_owned(), config.clone());
    }

    /// Somebody else writes a role.
    pub fn write_role(&self, path: &str, name: &str, role: &Value) {
        let mut world = self.world.lock().unwrap();
        world.roles.entry(path.to_owned()).or_default().insert(name.to_owned(), role.clone());
    }

    /// The names of the roles.
    #[must_use]
    pub fn roles(&self, path: &str) -> Vec<String> {
        self.world.lock().unwrap().roles.get(path).into_iter().flat_map(|all| all.keys().cloned()).collect()
    }
}

fn data(data: &Value) -> Reply {
    Reply::json(&json!({"request_id": "", "lease_id": "", "data": data, "warnings": null}))
}

fn refused(code: u16, message: &str) -> Reply {
    Reply::of(code, &json!({"errors": [message]}).to_string())
}

impl World {
    fn mount(&mut self, path: &str, body: &Value) {
        self.mounted += 1;
        let mut mount = json!({"type": "jwt", "description": "", "config": {}});
        for (name, value) in body.as_object().into_iter().flatten() {
            mount[name] = value.clone();
        }
        mount["accessor"] = json!(format!("auth_{}_{}", mount["type"].as_str().unwrap(), self.mounted));
        self.configs.remove(path);
        self.roles.remove(path);
        self.mounts.insert(path.to_owned(), mount);
    }

    fn answer(&mut self, heard: &Heard, token: &str) -> Reply {
        let (path, query) = heard.target.split_once('?').unwrap_or((&heard.target, ""));
        let Some(path) = path.strip_prefix("/v1/") else { return refused(404, "no such path") };
        let open = path.ends_with("/login") || matches!(path, "sys/health" | "sys/leader");
        if !open && heard.header("x-vault-token") != token {
            return refused(403, "permission denied");
        }
        let body: Value = serde_json::from_str(&heard.body).unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match (heard.method.as_str(), parts.as_slice()) {
            ("GET", ["sys", "health"]) => {
                Reply::json(&json!({"initialized": true, "sealed": false, "standby": false, "enterprise": false}))
            }
            ("GET", ["sys", "leader"]) => Reply::json(&json!({"ha_enabled": false, "leader_address": ""})),
            ("GET", ["sys", "auth"]) => data(&json!(self.mounts)),
            ("GET", ["sys", "auth", name]) => {
                self.mounts.get(*name).map_or_else(|| refused(400, &format!("No auth engine at {name}/")), data)
            }
            ("GET", ["sys", "internal", "ui", "mounts", "auth", name]) => {
                self.mounts.get(*name).map_or_else(|| refused(403, "preflight capability check returned 403"), data)
            }
            ("POST", ["sys", "auth", name]) if self.mounts.contains_key(*name) => {
                refused(400, &format!("path is already in use at {name}/"))
            }
            ("POST", ["sys", "auth", name]) => {
                self.mount(name, &body);
                Reply::of(204, "")
            }
            ("DELETE", ["sys", "auth", name]) => {
                self.mounts.remove(*name);
                self.configs.remove(*name);
                self.roles.remove(*name);
                Reply::of(204, "")
            }
            ("GET", ["auth", name, "config"]) => self.configs.get(*name).map_or_else(|| refused(404, ""), data),
            ("POST", ["auth", name, "config"]) => {
                self.configs.insert((*name).to_owned(), body);
                Reply::of(204, "")
            }
            ("GET", ["auth", name, "role"]) if query == "list=true" => {
                let names: Vec<&String> = self.roles.get(*name).into_iter().flat_map(BTreeMap::keys).collect();
                if names.is_empty() { refused(404, "") } else { data(&json!({"keys": names})) }
            }
            ("GET", ["auth", name, "role", role]) => {
                self.roles.get(*name).and_then(|all| all.get(*role)).map_or_else(|| refused(404, ""), data)
            }
            ("POST", ["auth", name, "role", role]) => {
                self.roles.entry((*name).to_owned()).or_default().insert((*role).to_owned(), body);
                Reply::of(204, "")
            }
            ("DELETE", ["auth", name, "role", role]) => {
                self.roles.entry((*name).to_owned()).or_default().remove(*role);
                Reply::of(204, "")
            }
            ("POST", ["auth", _, "login"]) => Reply::json(&json!({"auth": {
                "client_token": token, "accessor": "a", "policies": [], "lease_duration": 3600, "renewable": false,
            }})),
            ("POST", ["sys", "mounts", "auth", _, "tune"] | ["auth", "token", "revoke-self"]) => Reply::of(204, ""),
            _ => refused(404, "no such path"),
        }
    }
}
