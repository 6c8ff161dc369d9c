//! The map of rooms of the provider: each module below owns one thing and says so at its top.

pub mod actions;
pub mod clients;
pub mod cluster;
pub mod configured;
pub mod corefile;
pub mod credential;
pub mod data_sources;
pub mod environment;
pub mod ephemeral;
pub mod file;
pub mod framework;
pub mod functions;
pub mod jwk;
pub mod plugin;
pub mod protocol;
pub mod provider;
pub mod readiness;
pub mod redacted;
pub mod resources;
pub mod tailnet;
pub mod talos;
pub mod vault;
