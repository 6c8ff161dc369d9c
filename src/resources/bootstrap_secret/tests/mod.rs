//! The parts that need no cluster: sources, decisions, validation. The rest is proved on a real one, in
//! `acceptance-tests`.

mod commands;
mod decisions;
mod order;
mod registries;
mod sources;
mod validation;

use std::collections::BTreeMap;

use tf_plugin::framework::context::{ClientCapabilities, Context};
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Datum;

use tokio_util::sync::CancellationToken;

use super::compare::read_sources;
use super::model::BootstrapSecret;
use super::sources::Sources;
use crate::configured::Configured;
use crate::environment::Environment;
use crate::provider::{Configuration, Tazlab};

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

fn list(words: &[&str]) -> Datum {
    Datum::List(words.iter().map(|word| Datum::from(*word)).collect())
}

/// What these arguments give in this environment, without a cluster and without a Vault.
fn read(arguments: &BootstrapSecret, environment: &Environment) -> (Sources, Vec<Diagnostic>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let context = context(environment).await;
        let sources = read_sources(&context, arguments, arguments, environment).await.unwrap();
        (sources, context.take_warnings().into_iter().collect())
    })
}

async fn context(environment: &Environment) -> Context<Configured> {
    let attributes = Configuration::attributes();
    let nothing = decode(with_defaults(&attributes, all_null(&attributes))).unwrap();
    let with = |configured| Context::new(configured, CancellationToken::new(), ClientCapabilities::default());
    let configured = Tazlab::new(environment.clone()).configure(&with(None), nothing, "").await.unwrap();
    with(Some(configured.into()))
}
