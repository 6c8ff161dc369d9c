//! What a release is made of, with the debug build in it: packed, signed and checked by `release/`, installed by real Terraform, and run
//! where there is nothing else.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod empty_root;
mod install;
mod refused;
mod registry;
mod set;
mod versions;
