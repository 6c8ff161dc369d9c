//! `tazlab_bootstrap_manifest` with the real Terraform on a real API server. Every test has a namespace of its own, and a group of
//! kinds where it needs one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod conversion;
mod drift;
mod import;
mod installed;
mod kinds;
mod moved;
mod ownership;
mod replace;
mod rights;
mod values;
mod wait;
mod webhook;
mod write_only;

use acceptance_tests::{Namespace, kubectl};
use serde_json::Value;

const ONE: &str = "tazlab_bootstrap_manifest.one";

/// A block of this name, with this manifest in HCL and more arguments.
fn block(name: &str, manifest: &str, arguments: &str) -> String {
    format!("resource \"tazlab_bootstrap_manifest\" \"{name}\" {{\n  manifest = {manifest}\n{arguments}\n}}\n")
}

/// A `ConfigMap` `one` with these data.
fn config_map(namespace: &Namespace, data: &str) -> String {
    format!(
        "{{\n    apiVersion = \"v1\"\n    kind = \"ConfigMap\"\n    metadata = {{ name = \"one\", namespace = \"{}\" }}\n    data = {data}\n  }}",
        namespace.name()
    )
}

/// The live `ConfigMap` `one`.
fn live_map(namespace: &Namespace) -> Option<Value> {
    kubectl::object(&["configmap", "one", "-n", namespace.name()])
}

/// A kind of a group of its own, which is removed at the end.
struct Definition {
    group: String,
}

impl Definition {
    fn of(namespace: &Namespace) -> Self {
        Self { group: format!("{}.tazlab.example", namespace.name()) }
    }

    fn name(&self) -> String {
        format!("things.{}", self.group)
    }

    /// Its definition, in HCL, with these versions.
    fn manifest(&self, versions: &[&str]) -> String {
        let schema = "{ openAPIV3Schema = { type = \"object\", x-kubernetes-preserve-unknown-fields = true } }";
        let version = |(index, name): (usize, &&str)| {
            format!(
                "{{ name = \"{name}\", served = true, storage = {}, subresources = {{ status = {{}} }}, schema = {schema} }}",
                index == 0
            )
        };
        let versions: Vec<String> = versions.iter().enumerate().map(version).collect();
        format!(
            "{{\n    apiVersion = \"apiextensions.k8s.io/v1\"\n    kind = \"CustomResourceDefinition\"\n    metadata = {{ name = \"{}\" }}\n    spec = {{\n      group = \"{}\"\n      scope = \"Namespaced\"\n      names = {{ kind = \"Thing\", plural = \"things\", singular = \"thing\", listKind = \"ThingList\" }}\n      versions = [{}]\n    }}\n  }}",
            self.name(),
            self.group,
            versions.join(", ")
        )
    }

    /// An object `one` of it, in HCL.
    fn thing(&self, namespace: &Namespace, version: &str, spec: &str) -> String {
        format!(
            "{{\n    apiVersion = \"{}/{version}\"\n    kind = \"Thing\"\n    metadata = {{ name = \"one\", namespace = \"{}\" }}\n    spec = {spec}\n  }}",
            self.group,
            namespace.name()
        )
    }

    /// The live object `one`.
    fn live(&self, namespace: &Namespace) -> Option<Value> {
        kubectl::object(&[&self.name(), "one", "-n", namespace.name()])
    }

    /// Is it there?
    fn exists(&self) -> bool {
        kubectl::object(&["crd", &self.name()]).is_some()
    }

    fn merge(&self, namespace: &Namespace, patch: &str) {
        let name = self.name();
        kubectl::succeeds(&["patch", &name, "one", "-n", namespace.name(), "--type", "merge", "-p", patch]);
    }

    fn merge_status(&self, namespace: &Namespace, patch: &str) {
        let name = self.name();
        let of = ["patch", &name, "one", "-n", namespace.name(), "--subresource", "status"];
        kubectl::succeeds(&[&of[..], &["--type", "merge", "-p", patch]].concat());
    }
}

impl Drop for Definition {
    fn drop(&mut self) {
        let _ = kubectl::kubectl(&["delete", "crd", &self.name(), "--ignore-not-found", "--wait=false"]);
    }
}
