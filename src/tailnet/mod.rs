//! What everything that looks at a tailnet's devices shares: canonical names, the rules of who may be deleted, who holds
//! a name, and the sweep, which the resource and the action have in common.
//!
//! The API itself is `clients::tailscale`'s. Rules and names are pure: they see a device and a time, and nothing else.

pub mod arguments;
pub mod failure;
pub mod holders;
pub mod name;
pub mod record;
pub mod report;
pub mod rules;
pub mod sweep;

pub use failure::Failure;
