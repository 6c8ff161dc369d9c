//! Another provider that keeps Secrets out of the state, in the same rounds: `make bench PEER=…`. What is measured of it is `secrets`'.

use std::path::PathBuf;

use acceptance_tests::{Namespace, Testbed, Workspace};

/// A built `hashicorp/kubernetes`, 2.36 or newer: the first with write-only data.
#[derive(Clone, Debug)]
pub(crate) struct Peer(pub(crate) PathBuf);

impl Peer {
    /// A folder with so many Secrets of the peer's, each from a file of its own.
    pub(crate) fn of(&self, namespace: &Namespace, count: usize) -> Workspace {
        let workspace = Workspace::measuring();
        workspace.stand_ins(&[("hashicorp/kubernetes", self.0.to_str().expect("a path that is text"))]);
        for index in 0..count {
            let _ = workspace.secret_file(&format!("key-{index}"));
        }
        let (folder, kubeconfig) = (workspace.sources(), Testbed::get().kubeconfig());
        std::fs::write(
            workspace.path().join("provider.tf"),
            format!(
                "terraform {{\n  required_providers {{\n    kubernetes = {{ source = \"hashicorp/kubernetes\" }}\n  }}\n}}\nprovider \"kubernetes\" {{\n  config_path = \"{}\"\n}}\n",
                kubeconfig.display()
            ),
        )
        .unwrap();
        workspace.hcl(&format!(
            "resource \"kubernetes_secret_v1\" \"s\" {{\n  count = {count}\n  metadata {{\n    namespace = \"{}\"\n    name = \"p-${{count.index}}\"\n  }}\n  data_wo = {{ key = file(\"{}/key-${{count.index}}\") }}\n  data_wo_revision = 1\n}}\n",
            namespace.name(),
            folder.display()
        ));
        workspace
    }
}
