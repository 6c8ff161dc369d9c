//! All remote input and output: one room for each kind of server. Nothing here knows Terraform.
//!
//! What the rooms share stands beside them: what bounds a call and an answer, what of an address may be printed, what a
//! failed operation is, why a server cannot be reached, whose files its authorities are in, when to try again, and what is removed from
//! the words of others, or not taken from their answers.

pub mod address;
mod authorities;
mod backoff;
mod call;
pub mod dns;
mod failed;
pub mod file;
pub mod kubernetes;
mod limit;
pub mod program;
mod reach;
mod repeats;
mod resolve;
#[cfg(test)]
mod scripted;
mod scrub;
mod shared;
pub mod tailscale;
pub mod vault;
