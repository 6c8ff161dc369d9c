//! The parts that need no cluster: sources, decisions, validation. The rest is proved on a real one, in
//! `acceptance-tests`.

mod decisions;
mod sources;
mod validation;

use std::collections::BTreeMap;

use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Datum;

use super::model::BootstrapSecret;

/// A configuration of the resource with these arguments and the defaults.
fn config(arguments: &[(&str, Datum)]) -> Datum {
    let attributes = BootstrapSecret::attributes();
    let Datum::Object(mut all) = all_null(&attributes) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    with_defaults(&attributes, Datum::Object(all))
}

fn model(arguments: &[(&str, Datum)]) -> BootstrapSecret {
    decode(config(arguments)).unwrap()
}

fn map(entries: &[(&str, &str)]) -> Datum {
    Datum::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), Datum::from(*value))).collect::<BTreeMap<_, _>>())
}
