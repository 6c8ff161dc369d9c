//! Manifests: objects of Kubernetes as their users write them, in HCL or YAML. What becomes of one in a cluster is a resource's.

pub mod differences;
pub mod fields;
pub mod merge;
mod names;
pub mod normal;
pub mod object;
pub mod value;
pub mod yaml;

pub use object::{Refusal, Wanted};
