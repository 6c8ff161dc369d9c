//! All remote input and output: one room for each kind of server. Nothing here knows Terraform.
//!
//! What the rooms share stands beside them: what bounds a call and an answer, what of an address may be printed, what a
//! failed operation is, why a server cannot be reached, when to try again, and what is removed from the words of others.

pub mod address;
mod backoff;
mod call;
pub mod dns;
mod failed;
pub mod file;
pub mod kubernetes;
mod limit;
pub mod program;
mod reach;
mod resolve;
#[cfg(test)]
mod scripted;
mod scrub;
pub mod tailscale;
pub mod vault;
