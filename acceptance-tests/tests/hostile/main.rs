//! Who would do harm, and what comes of it: servers, proxies, redirects and environments that misbehave, other people's objects, with
//! the real Terraform. They run on loopback and need no testbed. Each experiment has its control: the same without the attack works.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod vault;
mod vault_trust;
