//! Identities in state, and imports by an `identity` block.

use std::fs;
use std::path::Path;

use super::*;

const SECRET: &str = "tazlab_bootstrap_secret.one";
const COREDNS: &str = "tazlab_coredns.cluster";
const AUTH: &str = "tazlab_vault_jwt_auth.cluster";
const ROLE: &str = "tazlab_vault_jwt_role.one";

/// One of each type of remote object. CoreDNS is planned only: it is the cluster's own.
fn resources(namespace: &str, path: &str, coredns: bool) -> String {
    let coredns =
        if coredns { "resource \"tazlab_coredns\" \"cluster\" {\n  cluster_ip = \"10.96.0.10\"\n}\n" } else { "" };
    format!(
        r#"
resource "tazlab_bootstrap_secret" "one" {{
  namespace = "{namespace}"
  name      = "one"
  values    = {{ user = "somebody" }}
}}
{trust}{coredns}"#,
        trust = trust(path, "allow_remount = true")
    )
}

/// Import blocks by these identities.
fn imports(all: &[(&str, Value)]) -> String {
    let block = |(to, identity): &(&str, Value)| {
        let fields = identity.as_object().unwrap().iter().map(|(name, value)| format!("    {name} = {value}\n"));
        format!("import {{\n  to = {to}\n  identity = {{\n{}  }}\n}}\n", fields.collect::<String>())
    };
    all.iter().map(block).collect()
}

#[test]
fn every_remote_object_is_imported_by_its_identity_which_a_moved_mount_keeps() {
    let _dns = Part::Dns.shared();
    let (vault, namespace) = (Vault::shared(), Namespace::made("identity"));
    let (mount, moved) = (Mount::made(&vault, "identity", &["one"]), Mount::free(&vault, "moved"));
    kubectl::succeeds(&["create", "secret", "generic", "one", "-n", namespace.name(), "--from-literal=user=somebody"]);
    let workspace = workspace(&vault);
    let accessor = mount.accessor();
    let mut identities = vec![
        (SECRET, json!({"namespace": namespace.name(), "name": "one"})),
        (AUTH, json!({"accessor": accessor})),
        (ROLE, json!({"mount": mount.1, "name": "one"})),
    ];
    let works = || {
        let coredns = (COREDNS, json!({"namespace": "kube-system", "name": "coredns"}));
        let with_coredns: Vec<_> = identities.iter().cloned().chain([coredns]).collect();
        workspace.hcl(&(resources(namespace.name(), &mount.1, true) + &imports(&with_coredns)));
        let planned = workspace.plan().succeeds();
        let imported: Vec<_> = planned
            .events_of("planned_change")
            .iter()
            .filter(|event| event["change"]["importing"].is_object())
            .map(|event| event["change"]["resource"]["addr"].as_str().unwrap().to_owned())
            .collect();
        assert!(imported.contains(&COREDNS.to_owned()) && imported.len() == 4, "{imported:?}: {planned}");

        the_examples_are_valid(&workspace);
        workspace.hcl(&(resources(namespace.name(), &mount.1, false) + &imports(&identities)));
        workspace.apply().succeeds();
        let full = |address: &str| stored(&workspace, address)["identity"].clone();
        assert_eq!(full(SECRET), identities[0].1);
        assert_eq!(full(AUTH), json!({"accessor": accessor, "namespace": null}));
        assert_eq!(full(ROLE), json!({"mount": mount.1, "name": "one", "namespace": null}));
        workspace.plan().succeeds().changes_nothing();

        // What an import by identity gets wrong is said with the identity.
        identities[1].1 = json!({"accessor": "auth_jwt_none"});
        workspace.terraform(&["state", "rm", AUTH]).succeeds();
        workspace.hcl(&(resources(namespace.name(), &mount.1, false) + &imports(&identities)));
        workspace.plan().fails().error(&["accessor auth_jwt_none", "does not exist"]);
        identities[1].1 = json!({"accessor": accessor});
        workspace.hcl(&(resources(namespace.name(), &moved.1, false) + &imports(&identities[1..2])));
        workspace.apply().succeeds();
        assert_eq!(moved.accessor(), accessor, "a moved mount is the same mount");
        assert_eq!(stored(&workspace, AUTH)["identity"]["accessor"], json!(accessor));
        assert_eq!(stored(&workspace, ROLE)["identity"]["mount"], json!(moved.1));
        workspace.plan().succeeds().changes_nothing();
        workspace.destroy().succeeds();
    };
    let refuses = || {
        workspace.hcl(&(resources(namespace.name(), &mount.1, false) + &imports(&identities_of_refusal(&accessor))));
        is_unknown_to_the_client(workspace.plan(), &["\"identity\" is not expected here"]);
    };
    shows(Capability::Identity, works, refuses);
}

fn identities_of_refusal(accessor: &str) -> Vec<(&'static str, Value)> {
    vec![(AUTH, json!({"accessor": accessor}))]
}

/// The examples of imports by identity, each beside the example of its resource.
fn the_examples_are_valid(workspace: &Workspace) {
    let text = |name: &str, file: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/resources").join(name);
        fs::read_to_string(folder.join(file)).unwrap()
    };
    let types = [
        "tazlab_bootstrap_manifest",
        "tazlab_bootstrap_secret",
        "tazlab_coredns",
        "tazlab_kept_secret",
        "tazlab_tailnet_apiserver",
        "tazlab_tailnet_egress",
        "tazlab_vault_jwt_auth",
        "tazlab_vault_jwt_role",
        "tazlab_vault_secret_store",
    ];
    let all = types.map(|name| text(name, "resource.tf") + &text(name, "import-by-identity.tf"));
    workspace.hcl(&all.concat());
    workspace.validate().succeeds();
}
