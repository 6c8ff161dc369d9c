//! Texts as Go's standard library reads them. Kubernetes, Talos, `CoreDNS` and Vault are written in Go: what these functions take, those
//! programs take, and what they refuse is refused there. `tests/oracle.rs` asks Go itself.
//!
//! Every function is named after Go's own. What only one program does with such a text (a zone that is ignored, an endpoint that needs a
//! port) belongs to the crate of that program.

pub mod base64;
pub mod net;
pub mod netip;
pub mod strconv;
pub mod time;
pub mod url;
