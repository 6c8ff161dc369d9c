//! Configurations that the client generates for what exists: by an `import` block with every client, and from `terraform query`. What
//! is generated is valid and plans no change; Terraform 1.14 and newer ask the provider for it, the others write what is stored.

use std::fs;
use std::path::PathBuf;

use acceptance_tests::Operator;
use acceptance_tests::operator::Conduct;

use super::upgrade::{ADDRESS, one_of_each};
use super::*;

const SECRET: &str = "tazlab_bootstrap_secret.one";

/// Import blocks of one object of each type that has objects, as [`one_of_each`] makes them.
fn imports(namespace: &Namespace, mount: &Mount<'_>) -> String {
    let (namespace, mount) = (namespace.name(), &mount.1);
    let all = [
        ("tazlab_bootstrap_secret", format!("{namespace}/kept")),
        ("tazlab_coredns", format!("{namespace}/coredns")),
        ("tazlab_kept_secret", format!("secret/data/kept/{mount},{namespace}/vault")),
        ("tazlab_vault_jwt_auth", format!("auth/{mount}")),
        ("tazlab_vault_jwt_role", format!("auth/{mount}/role/kept")),
        ("tazlab_bootstrap_manifest", format!("apiVersion=v1,kind=ConfigMap,namespace={namespace},name=kept")),
        ("tazlab_vault_secret_store", format!("{namespace}/kept")),
        ("tazlab_tailnet_egress", format!("{namespace}/vault")),
        ("tazlab_tailnet_apiserver", format!("{namespace}/tailscale-apiserver")),
    ];
    all.map(|(kind, id)| import(&format!("{kind}.kept"), &id)).concat()
}

fn import(to: &str, id: &str) -> String {
    format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n")
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.path().join("generated.tf")
}

/// Plans with these import blocks alone: what is generated is valid, and imports are all that it plans.
fn generated(workspace: &Workspace, imports: &str) -> String {
    workspace.hcl(imports);
    let planned = workspace.terraform(&["plan", "-json", "-input=false", "-generate-config-out=generated.tf"]);
    let text = fs::read_to_string(file(workspace)).unwrap_or_default();
    println!("{text}");
    only_imports(&planned.succeeds());
    workspace.validate().succeeds();
    let planned = workspace.plan().succeeds();
    only_imports(&planned);
    assert_eq!(planned.changes().len(), imports.matches("import {").count(), "{planned}");
    text
}

fn only_imports(planned: &Run) {
    let others: Vec<_> = planned.changes().into_iter().filter(|(action, _)| action != "import").collect();
    assert_eq!(others, [], "{planned}");
}

#[test]
fn of_each_type_what_is_generated_is_valid_and_changes_nothing() {
    let address: std::net::Ipv4Addr = ADDRESS.parse().unwrap();
    let _locks = (Part::Objects.shared(), Part::Address(address).exclusive());
    let (vault, namespace) = (Vault::shared(), Namespace::made("generated"));
    let (mount, workspace, tailnet) = (Mount::free(&vault, "generated"), Workspace::new(), Tailnet::start());
    tailnet.world().access.key("tskey-api-kept");
    let tailscale = format!("tailscale = {{\n  base_url = \"{}\"\n  api_key = \"tskey-api-kept\"\n}}\n", tailnet.url());
    workspace.provider(&(tailscale + &vault.block(&workspace)));
    workspace.hcl(&one_of_each(&vault, &namespace, &mount));
    let authority = fs::read_to_string(vault.authority()).unwrap();
    kubectl::apply_as("test", &namespace.manifest("vault", &[("token", vault.token()), ("ca.crt", &authority)]));
    let _operator = Operator::start(namespace.name(), namespace.name(), Conduct::default());
    workspace.apply().succeeds();

    fs::remove_file(workspace.state_file()).unwrap();
    let text = generated(&workspace, &imports(&namespace, &mount));
    assert!(text.contains("\"secrets/user\"") && !text.contains("somebody"), "{text}");
    if Client::under_test().can(Capability::List) {
        // The provider wrote it: neither defaults nor what the Corefile makes needless.
        for absent in ["cache_seconds  ", "on_missing_source ", "cluster_domain "] {
            let said = text.lines().find(|line| line.trim_start().starts_with(absent.trim_end()));
            assert!(said.is_none_or(|line| line.contains("null")), "{said:?}");
        }
    }
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    // What was generated manages them: they go with it.
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("kept"), None);
    assert_eq!(vault.read(&format!("sys/auth/{}", mount.1)), None);
    vault.delete(&format!("secret/metadata/kept/{}", mount.1));
}

#[test]
fn a_secret_of_others_is_imported_untouched_until_a_source_differs() {
    let (namespace, workspace) = (Namespace::made("theirs"), Workspace::new());
    let secret = workspace.secret();
    let literal = format!("--from-literal=tls.key={secret}");
    kubectl::succeeds(&["create", "secret", "generic", "one", "-n", namespace.name(), &literal]);
    kubectl::succeeds(&["label", "secret", "one", "-n", namespace.name(), "app=x"]);
    let before = namespace.secret("one").unwrap();
    let id = format!("{}/one", namespace.name());
    let text = generated(&workspace, &import(SECRET, &id));
    assert!(text.contains("\"secrets/tls.key\"") && text.contains("app = \"x\""), "{text}");
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(namespace.secret("one").unwrap()["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"]);
    // Nothing was written, so a destroy deletes nothing either.
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret "]);
    assert_eq!(namespace.contents("one")["tls.key"], secret.as_bytes());

    // A file at the place that was proposed: with the same content it is no change, with another one it is.
    workspace.apply().succeeds();
    fs::create_dir(workspace.path().join("secrets")).unwrap();
    let source = workspace.path().join("secrets/tls.key");
    fs::write(&source, &secret).unwrap();
    workspace.plan().succeeds().changes_nothing();
    let next = workspace.secret();
    fs::write(&source, &next).unwrap();
    workspace.plan().succeeds().only("update", SECRET);
    workspace.apply().fails().error(&["Another field manager owns this", "kubectl-create", "force_conflicts"]);
    fs::remove_file(file(&workspace)).unwrap();
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n  labels = {{ app = \"x\" }}\n  files = {{ \"tls.key\" = \"secrets/tls.key\" }}\n  force_conflicts = true\n}}\n",
        namespace.name()
    ));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["tls.key"], next.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one"), None, "the first update made it ours");
    // The search for secrets that were left behind finds the user's own file, too.
    fs::remove_dir_all(workspace.path().join("secrets")).unwrap();
}

#[test]
fn what_a_query_finds_is_generated_and_imported_as_it_is() {
    let (vault, namespace) = (Vault::start(), Namespace::made("found"));
    let mount = Mount::made(&vault, "found", &["one", "two"]);
    let workspace = workspace(&vault);
    let works = || {
        for name in ["a", "b"] {
            let literal = format!("--from-literal=key={}", workspace.secret());
            kubectl::succeeds(&["create", "secret", "generic", name, "-n", namespace.name(), &literal]);
        }
        let query = [
            ("tazlab_bootstrap_secret", format!("namespace = \"{}\"", namespace.name())),
            ("tazlab_vault_jwt_auth", "type = \"jwt\"".to_owned()),
            ("tazlab_vault_jwt_role", format!("mount = \"{}\"", mount.1)),
        ];
        let query = query.map(|(kind, filter)| {
            format!("list \"{kind}\" \"found\" {{\n  provider = tazlab\n  config {{\n    {filter}\n  }}\n}}\n")
        });
        let file = workspace.path().join("all.tfquery.hcl");
        fs::write(&file, query.concat()).unwrap();
        workspace.terraform(&["query", "-generate-config-out=generated.tf"]).succeeds();
        fs::remove_file(file).unwrap();
        println!("{}", fs::read_to_string(workspace.path().join("generated.tf")).unwrap());
        workspace.validate().succeeds();
        let planned = workspace.plan().succeeds();
        only_imports(&planned);
        assert!(planned.changes().len() >= 5, "{planned}");
        let role = || vault.read(&format!("auth/{}/role/one", mount.1));
        let before = (role(), mount.accessor());
        workspace.apply().succeeds();
        assert_eq!((role(), mount.accessor()), before);
        workspace.plan().succeeds().changes_nothing();
    };
    if Client::under_test().can(Capability::List) {
        works();
    } else {
        is_unknown_to_the_client(
            workspace.terraform(&["query"]),
            &["no command named \"query\"", "has no command", "Usage: "],
        );
    }
}
