//! Managed resources: one folder each, named as in HCL without the prefix. None imports another.

pub mod bootstrap_manifest;
pub mod bootstrap_ready;
pub mod bootstrap_secret;
pub mod coredns;
pub mod kept_secret;
pub mod tailnet_apiserver;
pub mod tailnet_cleanup;
pub mod tailnet_egress;
pub mod vault_jwt_auth;
pub mod vault_jwt_role;
pub mod vault_secret_store;
