//! The acceptance runner: real Terraform with the built provider, in folders of its own, against the testbed's parts.
//!
//! It starts no part of the testbed (`make testbed-up` does) and never uses the kubeconfig of the caller's shell.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::return_self_not_must_use,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

pub mod acme;
pub mod api_server;
pub mod audit;
pub mod canary;
pub mod cert_manager;
pub mod client;
pub mod diagnostics;
pub mod dns;
pub mod echo;
pub mod fake_cluster;
pub mod fake_vault;
pub mod flux;
pub mod guide;
pub mod kube_apiserver;
pub mod kubeconfig;
pub mod kubectl;
pub mod leftovers;
pub mod lock;
pub mod node;
pub mod notebook;
pub mod operator;
pub mod oracle;
pub mod plugin;
pub mod poll;
pub mod programs;
pub mod proxy;
pub mod run;
pub mod signer;
pub mod stand_in;
pub mod started;
pub mod tailnet;
pub mod tailscale;
mod test_process;
pub mod testbed;
pub mod usage;
pub mod vault;
pub mod web;
pub mod workspace;

pub use acme::Acme;
pub use api_server::{Answer, ApiServer, Asked};
pub use cert_manager::CertManager;
pub use client::{Capability, Client};
pub use echo::Echo;
pub use fake_cluster::FakeCluster;
pub use fake_vault::FakeVault;
pub use guide::Quote;
pub use kube_apiserver::KubeApiserver;
pub use kubectl::Namespace;
pub use lock::Part;
pub use operator::Operator;
pub use proxy::Proxy;
pub use run::{Event, Run};
pub use signer::Signer;
pub use tailnet::Tailnet;
pub use tailscale::{ControlServer, TailnetNode, TailscaleOperator};
pub use testbed::Testbed;
pub use vault::Vault;
pub use web::Web;
pub use workspace::Workspace;
