//! Provider functions, one file each, named as in HCL. Pure: they see their arguments and nothing else.

pub mod corefile_checked;
pub mod corefile_format;
pub mod jwks_to_pem;
pub mod manifests;
pub mod tailnet_canonical_name;
pub mod talos_apiserver_patch;
pub mod talos_checked_patch;
