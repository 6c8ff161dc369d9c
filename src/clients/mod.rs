//! All remote input and output: one room for each kind of server. Nothing here knows Terraform.
//!
//! What the rooms share stands beside them: what bounds a call, why a server cannot be reached, when to try again.

mod backoff;
mod call;
pub mod dns;
pub mod kubernetes;
mod reach;
pub mod tailscale;
pub mod vault;
