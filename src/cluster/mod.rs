//! What all objects that live in a Kubernetes cluster share: how the cluster is reached when it may not exist yet or
//! not any more, how long is waited, who an object belongs to, and what a rebirth of the cluster means for a plan.
//!
//! The API itself is `clients::kubernetes`'; what an object holds is its resource's.

mod access;
pub mod account;
pub mod condition;
pub mod crd;
mod failure;
mod gathering;
pub mod hand_over;
pub mod instance;
mod kinds;
pub mod name;
pub mod namespace;
pub mod object;
mod origin;
pub mod provenance;
mod reach;
pub mod rebirth;
mod sighting;
pub mod tailscale_operator;
mod unserved;
pub mod vigil;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tazlab_clients::kubernetes::Client;
use tf_plugin::framework::outage::Outage;
use tokio::sync::OnceCell;

pub use access::Access;
pub use failure::{Failure, Reservation};
pub use kinds::{Missing, Served};
pub use reach::AsFailure;

/// What happens to stored objects whose cluster cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnreachable {
    /// An error.
    Error,
    /// Read keeps what is stored, delete drops the object from the state.
    Forget,
}

/// The cluster of a provider configuration.
#[derive(Debug)]
pub struct Cluster {
    access: Access,
    client: OnceCell<Client>,
    /// What to do when it cannot be reached.
    pub on_unreachable: OnUnreachable,
    /// How long refresh, plan and delete wait for an answer.
    pub connect_timeout: Duration,
    /// It has said that it is ready, and nothing since says otherwise.
    ready: AtomicBool,
    outage: Outage<Failure>,
    /// Which cluster answers, once it is known.
    origin: OnceCell<origin::Origin>,
    namespaces: namespace::Known,
    leaving: namespace::Leaving,
    sightings: sighting::Sightings,
    gathering: gathering::Gathering,
    written: object::Written,
    kinds: kinds::Kinds,
    refreshed: object::Refreshed,
}

impl Cluster {
    /// The cluster that `access` leads to. Reads nothing and dials nothing.
    #[must_use]
    pub fn new(access: Access, on_unreachable: OnUnreachable, connect_timeout: Duration) -> Self {
        Self {
            access,
            client: OnceCell::new(),
            on_unreachable,
            connect_timeout,
            ready: AtomicBool::new(false),
            outage: Outage::default(),
            origin: OnceCell::new(),
            namespaces: namespace::Known::default(),
            leaving: namespace::Leaving::default(),
            sightings: sighting::Sightings::default(),
            gathering: gathering::Gathering::default(),
            written: object::Written::default(),
            kinds: kinds::Kinds::default(),
            refreshed: object::Refreshed::default(),
        }
    }
}
