//! The map of rooms of the provider: each module below owns one thing and says so at its top.

pub mod actions;
pub mod cluster;
pub mod configured;
pub mod credential;
pub mod data_sources;
pub mod environment;
pub mod ephemeral;
pub mod functions;
pub mod manifest;
pub mod promised;
pub mod provider;
pub mod readiness;
pub mod resources;
pub mod tailnet;
pub mod vault;
