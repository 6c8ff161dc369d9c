//! Data sources: one folder each, named as in HCL without the prefix. They never wait, and never fail because of what they
//! found.

pub mod bootstrap_status;
pub mod cluster_jwks;
pub mod dns_lookup;
pub mod kustomization;
pub mod tailnet_devices;
pub mod tailnet_nameserver;
pub mod vault_jwt_login;
