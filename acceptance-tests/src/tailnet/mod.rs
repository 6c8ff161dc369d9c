//! A tailnet that behaves like the real one: the control API of `docs/design/facts/tailscale-api.md` on loopback, with state in memory,
//! faults on demand, and a journal of every request. Its answers repeat the credential and the body that they got: whatever a
//! test leaves behind is searched for both.
//!
//! Tests start one each; `cargo run -p acceptance-tests --bin fake-tailnet` starts one by hand.

mod access;
mod api;
mod control;
mod fault;
mod http;
mod journal;
mod serve;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::Workspace;

pub use access::Access;
pub use fault::{Fault, Rule};
pub use journal::Entry;
pub use world::{Device, Seed, World};

/// Everything that requests share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    world: Mutex<World>,
    journal: Mutex<Vec<Entry>>,
}

/// A running tailnet; it ends with its value.
#[derive(Debug)]
pub struct Tailnet {
    address: SocketAddr,
    shared: Arc<Shared>,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Tailnet {
    /// An empty one at a free port of 127.0.0.1.
    #[must_use]
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// An empty one at this port of 127.0.0.1; nothing else can reach it.
    ///
    /// # Panics
    /// When something else listens there.
    #[must_use]
    pub fn start_at(port: u16) -> Self {
        let shared = Arc::new(Shared::default());
        let (end, ended) = tokio::sync::oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let ours = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = serve::serve(listener, ours) => {}
                    _ = ended => {}
                }
            });
        });
        let address = address.recv().expect("the port is free");
        Self { address, shared, end: Some(end), thread: Some(thread) }
    }

    /// Its address, for `base_url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Writes the provider block of `workspace`: it logs in here with an API key, which is planted as a secret.
    pub fn lets_in(&self, workspace: &Workspace) {
        let (file, key) = workspace.secret_file("api-key");
        self.world().access.key(&key);
        workspace.provider_block(&format!(
            "  tailscale = {{\n    base_url = \"{}\"\n    api_key_file = \"{file}\"\n  }}",
            self.url()
        ));
    }

    /// Devices, credentials, faults, clock: to be arranged, and looked at.
    ///
    /// # Panics
    /// When another thread panicked over it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// Nobody listens at its address any more; what was arranged and asked can still be looked at.
    pub fn stop(&mut self) {
        if let Some(end) = self.end.take() {
            // It may have ended by itself.
            let _ = end.send(());
        }
        // The port is free when the thread has ended.
        drop(self.thread.take().map(std::thread::JoinHandle::join));
    }

    /// Did every fault that was asked for happen as often as it was asked for? A test of one that did not shows nothing.
    #[must_use]
    pub fn faults_are_over(&self) -> bool {
        self.world().faults.iter().all(|rule| rule.times == 0)
    }

    /// Lets a fault happen.
    pub fn fault(&self, rule: Rule) {
        self.world().faults.push(rule);
    }

    /// A device joins and is connected; gives its node id.
    pub fn joins(&self, hostname: &str, tags: &[&str]) -> String {
        self.world().join(&Seed::named(hostname, tags)).node_id.clone()
    }

    /// A device joins and has been away for so long; gives its node id.
    pub fn ghost(&self, hostname: &str, tags: &[&str], away: Duration) -> String {
        let seed = Seed { away_seconds: Some(away.as_secs()), ..Seed::named(hostname, tags) };
        self.world().join(&seed).node_id.clone()
    }

    /// Everything that was asked so far.
    ///
    /// # Panics
    /// When another thread panicked over it.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.journal.lock().unwrap().clone()
    }

    /// Forgets what was asked so far.
    ///
    /// # Panics
    /// When another thread panicked over it.
    pub fn forget_journal(&self) {
        self.shared.journal.lock().unwrap().clear();
    }

    /// How often `method` was asked for a path that begins so, faults included.
    #[must_use]
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.journal().iter().filter(|entry| entry.method == method && entry.path.starts_with(path)).count()
    }

    /// The node ids of what was deleted, by the journal, in order.
    #[must_use]
    pub fn deleted(&self) -> Vec<String> {
        self.journal().into_iter().filter_map(|entry| entry.deleted).collect()
    }

    /// The first labels of the devices that are there.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = self.world().devices.iter().map(|device| device.label.clone()).collect();
        labels.sort();
        labels
    }
}

impl Drop for Tailnet {
    fn drop(&mut self) {
        self.stop();
    }
}
