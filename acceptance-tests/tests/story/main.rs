//! `examples/proxmox-talos`, the whole bootstrap as its user writes it. The providers of others are stood in for: see
//! `acceptance_tests::stand_in` for what that shows and what not.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod birth;
mod clock;
mod cluster;
mod estate;
mod from_nothing;
mod lives;
mod removal;
mod site;
mod valid;
