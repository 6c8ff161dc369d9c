//! The pure parts of `tazlab_coredns`: what the arguments make, and what is concluded from what is seen.

mod objects;
mod owners;
mod rollout;
mod validation;

use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::model::Coredns;

/// Every default, and an address.
pub(super) fn model() -> Coredns {
    let attributes = Coredns::attributes();
    let nothing = all_null(&attributes);
    let mut model: Coredns = decode(settle(&attributes, &nothing, nothing.clone())).unwrap();
    model.cluster_ip = Value::Value("10.96.0.10".to_owned());
    model
}
