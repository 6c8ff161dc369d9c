//! The protocol, against built plugins over their sockets: the small provider of `acceptance_tests::notebook`, which uses
//! everything that the host wires through, and the real one. No cluster is needed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod debug;
mod deferred;
mod every_rpc;
mod generated;
mod minimal;
mod moved;
mod others;
mod process;
mod renewal;
mod resources;

use acceptance_tests::plugin::Plugin;
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;
use tf_plugin::protocol::{from_wire, to_wire};
use tf_plugin::wire::tfplugin6 as wire;

/// The small provider.
async fn notebook() -> Plugin {
    Plugin::start(env!("CARGO_BIN_EXE_notebook")).await
}

fn note_type() -> Type {
    Type::object([("title", Type::String), ("text", Type::String), ("number", Type::String)])
}

fn note(title: &str, text: Datum, number: Datum) -> Datum {
    Datum::object([("title", Datum::from(title)), ("text", text), ("number", number)])
}

#[allow(clippy::unnecessary_wraps, reason = "messages hold it so")]
fn sent(kind: &Type, datum: &Datum) -> Option<wire::DynamicValue> {
    Some(to_wire::value(kind, datum).unwrap())
}

#[allow(clippy::needless_pass_by_value, reason = "answers are taken apart")]
fn received(kind: &Type, message: Option<wire::DynamicValue>) -> Datum {
    from_wire::value(kind, message.as_ref()).unwrap()
}

fn identity(title: &str) -> wire::ResourceIdentityData {
    let kind = Type::object([("title", Type::String)]);
    wire::ResourceIdentityData { identity_data: sent(&kind, &Datum::object([("title", Datum::from(title))])) }
}
