//! The generated messages and services. Nothing by hand belongs here but what quiets lints about generated code.

/// Terraform's provider protocol 6.11, from `proto/tfplugin6.proto`.
#[allow(missing_docs, clippy::all, clippy::pedantic, unused_qualifications, reason = "generated code")]
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// go-plugin's services, from `proto/go_plugin.proto`.
#[allow(missing_docs, clippy::all, clippy::pedantic, unused_qualifications, reason = "generated code")]
pub mod go_plugin {
    tonic::include_proto!("plugin");
}
