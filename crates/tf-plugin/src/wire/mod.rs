//! The generated messages and services, kept as files so that a build needs no compiler of protobuf; `tests/generated.rs` compares them
//! with `proto/`, and writes them. Nothing by hand belongs here but what quiets lints about generated code.

/// go-plugin's services, from `proto/go_plugin.proto`.
#[allow(missing_docs, clippy::all, clippy::pedantic, unused_qualifications, reason = "generated code")]
#[rustfmt::skip]
pub mod go_plugin;
/// Terraform's provider protocol 6.11, from `proto/tfplugin6.proto`.
#[allow(missing_docs, clippy::all, clippy::pedantic, unused_qualifications, reason = "generated code")]
#[rustfmt::skip]
pub mod tfplugin6;
