//! The map of rooms of the provider: each module below owns one thing and says so at its top.

pub mod corefile;
pub mod framework;
