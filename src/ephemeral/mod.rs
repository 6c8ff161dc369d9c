//! Ephemeral resources: one folder each, named as in HCL without the prefix. What they hold is stored nowhere.

pub mod secret;
pub mod service_account_token;
pub mod tailnet_auth_key;
pub mod vault_token;
