//! Providers of others that cannot be downloaded where the tests run (Talos, Helm, Proxmox), stood in for by one plugin: its
//! schema is a file of `stand-ins/`, written from their documentation in the shape of `terraform providers schema -json`;
//! what it does is written to state, and where the test gives a program for a type, that program does it.
//!
//! A plan is what Terraform proposes, with computed values that nobody set unknown. What the real providers check beyond
//! their schema is not checked, and nothing here says that they work.

mod program;
mod schema;
mod service;
mod value;
mod work;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use serde_json::Value;

pub use schema::Schemas;
pub use work::{Answer, Programs};

/// Where the programs are: one executable a type, named as the type. See [`program`] for how it is called.
pub const PROGRAMS: &str = "TAZLAB_STAND_IN_PROGRAMS";

/// A provider that stands in for another; copies share everything.
#[derive(Clone, Debug)]
pub struct StandIn(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    schemas: Schemas,
    programs: Option<PathBuf>,
    /// The provider block, for the programs.
    settings: RwLock<Value>,
}

impl StandIn {
    /// The stand-in for the provider of this short name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn of(name: &str, programs: Option<PathBuf>) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("stand-ins/{name}.json"));
        let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let schemas = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self(Arc::new(Shared { schemas, programs, settings: RwLock::default() }))
    }
}
