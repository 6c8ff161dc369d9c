//! What a resource is written in: values, paths, schemas, diagnostics, typed models, plan rules, traits, registry.
//!
//! This is the only room that names the `tf-provider` crate, whose `Value`, `AttributePath` and attribute vocabulary
//! it re-exports. It knows no wire format: `protocol` translates between this room and gRPC.

pub mod action;
pub mod context;
pub mod data_source;
pub mod diagnostics;
pub mod dispatch;
pub mod duration;
pub mod ephemeral;
pub mod function;
pub mod generate;
pub mod identity;
pub mod list;
pub mod model;
pub mod number;
pub mod outage;
pub mod plan;
pub mod private;
pub mod provider;
pub mod registry;
pub mod resource;
pub mod schema;
pub mod timeouts;
pub mod types;
pub mod upgrade;
pub mod validation;
pub mod value;

pub use tf_provider::{AttributePath, AttributePathStep};
