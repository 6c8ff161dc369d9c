//! Is it up? What a bootstrap waits for: CRDs, workloads, what Flux and External Secrets make, Services, any kind that the user
//! names (`rules`, `target`); and a report that names what is not ready, root causes first.
//!
//! `look` reads each kind with one list, `wait` goes on from there with one watch a kind; both fill a [`Picture`], of
//! which [`Report`] says what it means. Objects, picture and report are pure. A resource or data source that shows the
//! report has its attributes elsewhere; nothing here writes to a cluster.

mod absent;
pub mod arguments;
mod causes;
mod count;
mod field;
mod kind;
mod look;
mod missing;
mod objects;
mod order;
mod picture;
mod pods;
mod report;
mod rules;
mod sighting;
mod target;
#[cfg(test)]
mod tests;
mod wait;
mod wanted;
mod warnings;

pub use look::look_once;
pub use picture::Picture;
pub use report::Report;
pub use wait::{WaitError, wait};
pub use wanted::Wanted;
