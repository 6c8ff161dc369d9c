//! Experiments of an attacker, each with its control: the same set-up without the attack behaves normally. One file an area.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod repository;
