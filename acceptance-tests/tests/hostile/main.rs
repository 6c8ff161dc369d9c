//! Experiments with servers, proxies, credential plugins, repositories and environments that mean harm, with real Terraform
//! and without a cluster. Each has its control, which is the same without the attack; everything that Terraform leaves behind
//! is searched for the secrets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod adoption;
mod commands;
mod echo;
mod exec;
mod forget;
mod functions;
mod import;
mod kubernetes;
mod namespaces;
mod openbao;
mod orphans;
mod process;
mod repository;
mod tailnet;
mod vault;
mod vault_adoption;
mod vault_trust;
