//! A framework for providers of Terraform and OpenTofu, for plugin protocol 6.11.
//!
//! `framework` is what a provider is written in, `protocol` translates it to and from the wire, `plugin` is the process that Terraform
//! starts; [`Program`] puts them together. What a provider manages does not belong here.
//!
//! A whole provider, which is `examples/minimal.rs`:
//! ```no_run
#![doc = include_str!("../examples/minimal.rs")]
//! ```

pub mod framework;
pub mod plugin;
mod program;
pub mod protocol;
pub mod wire;

pub use program::Program;
