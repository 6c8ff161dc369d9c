//! Manifests: objects of Kubernetes as their users write them, in HCL or YAML. What becomes of one in a cluster is a resource's.

pub mod fields;
pub mod merge;
pub mod object;
pub mod value;
pub mod yaml;

pub use object::{Refusal, Wanted};
