//! The pure parts of `tazlab_coredns`: what the arguments make, and what is concluded from what is seen.

mod objects;
mod rollout;
mod validation;

use super::model::Coredns;
use crate::framework::model::{Model, decode};
use crate::framework::plan::settle;
use crate::framework::schema::all_null;
use crate::framework::value::Value;

/// Every default, and an address.
pub(super) fn model() -> Coredns {
    let attributes = Coredns::attributes();
    let nothing = all_null(&attributes);
    let mut model: Coredns = decode(settle(&attributes, &nothing, nothing.clone())).unwrap();
    model.cluster_ip = Value::Value("10.96.0.10".to_owned());
    model
}
