//! What everything that looks at a tailnet's devices shares: canonical names, the rules of who may be deleted, who holds
//! a name, and the sweep, which the resource and the action have in common.
//!
//! The API itself is `clients::tailscale`'s. Rules and names are pure: they see a device and a time, and nothing else.

pub mod arguments;
pub mod failure;
pub mod holders;
pub mod identity;
pub mod name;
pub mod protect;
pub mod record;
pub mod report;
pub mod rules;
pub mod selectors;
pub mod sweep;

pub use failure::Failure;

/// How long a look that only tells may take in all, whatever the server asks to wait: a plan, and the data source.
pub const LOOK: std::time::Duration = std::time::Duration::from_secs(10);
