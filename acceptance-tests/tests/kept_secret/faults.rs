//! A cluster that is gone, a Vault that is sealed or away, and tokens that may not.

use acceptance_tests::{Proxy, kubeconfig};

use super::*;

fn through(workspace: &Workspace, vault: &Vault, url: &str, arguments: &str) {
    let config = kubeconfig::through(workspace, url);
    let block = vault.block(workspace);
    workspace.provider(&format!("kubernetes = {{ config_path = \"{config}\" }}\n{block}\n{arguments}"));
}

#[test]
fn a_destroy_needs_no_cluster() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("gone"), Place::free(&vault), Workspace::new());
    let proxy = Proxy::start();
    through(&workspace, &vault, &proxy.url(), "");
    let content = kept(&workspace, &namespace, &place, "");
    drop(proxy);
    let planned = workspace.plan().succeeds().changes_nothing();
    planned.warning(&["Cannot compare the Secret with its copy during plan", "onnection refused"]);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["The Secret was not copied once more", "onnection refused", "The destroy goes on"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    assert_eq!(place.content("key"), content.as_bytes());
}

#[test]
fn changed_triggers_need_no_cluster_to_plan() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("later"), Place::free(&vault), Workspace::new());
    let proxy = Proxy::start();
    through(&workspace, &vault, &proxy.url(), "");
    let content = kept(&workspace, &namespace, &place, "  triggers = { cluster = \"1\" }");
    drop(proxy);
    delete(&namespace);
    workspace.hcl(&one(&namespace, &place, "  triggers = { cluster = \"2\" }"));
    workspace
        .plan()
        .succeeds()
        .only("update", ONE)
        .warning(&["Cannot compare the Secret with its copy during plan", "during apply"]);
    let proxy = Proxy::start();
    through(&workspace, &vault, &proxy.url(), "");
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
}

#[test]
fn a_vault_that_is_sealed_holds_no_destroy_up() {
    let vault = Vault::start();
    let (namespace, place, workspace) = (Namespace::made("sealed"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "");
    let moved_on = workspace.secret();
    make(&namespace, &moved_on);
    vault.seal();
    let planned = workspace.plan().succeeds().changes_nothing();
    planned.warning(&["Cannot compare the Secret with its copy during plan", "is sealed"]);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["The Secret was not copied once more", "is sealed", "the last one that was made before"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    vault.unseal();
    assert_eq!(place.content("key"), content.as_bytes());
}

#[test]
fn a_copy_that_should_be_forgotten_and_cannot_be_stays_in_the_state() {
    let vault = Vault::start();
    let (namespace, place, workspace) = (Namespace::made("unforgotten"), Place::free(&vault), workspace(&vault));
    let _ = kept(&workspace, &namespace, &place, "  forget_copy = true");
    vault.seal();
    workspace.destroy().fails().error(&["Cannot delete the copy", "is sealed", "lifecycle { destroy = false }"]);
    assert_eq!(workspace.addresses(), [ONE]);
    vault.unseal();
    workspace.destroy().succeeds();
    assert_eq!(place.version(), None);
}

#[test]
fn a_create_without_vault_writes_nothing() {
    let vault = Vault::start();
    let (namespace, place, workspace) = (Namespace::named("no-vault"), Place::free(&vault), workspace(&vault));
    vault.seal();
    workspace.hcl(&one(&namespace, &place, "  create_namespace = true"));
    workspace.plan().succeeds().only("create", ONE);
    workspace.apply().fails().error(&["Cannot read the copy", "is sealed"]);
    assert!(!namespace.exists());
    assert_eq!(workspace.addresses(), [""; 0]);
    vault.unseal();
}

#[test]
fn a_token_needs_three_rights_and_no_more() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("rights"), Place::free(&vault), Workspace::new());
    let rule =
        |path: &str, capabilities: &str| format!("path \"secret/{path}\" {{ capabilities = [{capabilities}] }}\n");
    let reads = vault.token_with(&rule(&format!("data/{}", place.path), "\"read\""));
    workspace.provider(&vault.block_with(&workspace, &reads));
    let content = workspace.secret();
    make(&namespace, &content);
    workspace.hcl(&one(&namespace, &place, ""));
    let refused = workspace.apply().fails();
    refused.error(&["Cannot write the copy", "permission denied", "capabilities = [\"create\", \"update\"]"]);
    let writes = rule(&format!("data/{}", place.path), "\"create\", \"update\", \"read\"");
    workspace.provider(&vault.block_with(&workspace, &vault.token_with(&writes)));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&one(&namespace, &place, "  forget_copy = true"));
    workspace.apply().succeeds();
    workspace.destroy().fails().error(&["Cannot delete the copy", "permission denied", "secret/metadata/"]);
    let forgets = writes + &rule(&format!("metadata/{}", place.path), "\"delete\"");
    workspace.provider(&vault.block_with(&workspace, &vault.token_with(&forgets)));
    workspace.destroy().succeeds();
    assert_eq!(place.version(), None);
}

#[test]
fn two_that_write_one_copy_lose_none() {
    let vault = Vault::shared();
    let (namespace, place) = (Namespace::made("race"), Place::free(&vault));
    let (first, second) = (workspace(&vault), workspace(&vault));
    let content = kept(&first, &namespace, &place, "");
    second.plant(&content);
    second.hcl(&one(&namespace, &place, ""));
    second.apply().succeeds();
    assert_eq!(place.version(), Some(1), "the same copy");
    let moved_on = first.secret();
    second.plant(&moved_on);
    make(&namespace, &moved_on);
    let (one, other) =
        (first.start(&["apply", "-json", "-auto-approve"]), second.start(&["apply", "-json", "-auto-approve"]));
    let _ = (one.end().succeeds(), other.end().succeeds());
    // Whoever came second has found it done, or has written after the first: never over a version that it had not read.
    assert_eq!(place.content("key"), moved_on.as_bytes());
    for workspace in [&first, &second] {
        workspace.apply().succeeds();
        workspace.plan().succeeds().changes_nothing();
    }
}

#[test]
fn a_vault_that_is_made_in_the_same_apply_is_waited_for() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("unknown"), Place::free(&vault), Workspace::new());
    let block = vault.block(&workspace).replace(&format!("\"{}\"", vault.address()), "terraform_data.vault.output");
    workspace.provider(&block);
    let content = workspace.secret();
    make(&namespace, &content);
    let address = format!("resource \"terraform_data\" \"vault\" {{\n  input = \"{}\"\n}}\n", vault.address());
    workspace.hcl(&(address.clone() + &one(&namespace, &place, "")));
    workspace.plan().succeeds();
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), content.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    // It moves, and so is unknown to the plan: what is kept is compared during apply.
    workspace.hcl(&(address.replace("input =", "triggers_replace = [1]\n  input =") + &one(&namespace, &place, "")));
    let next = workspace.secret();
    make(&namespace, &next);
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), next.as_bytes());
    // Where the Vault's own resource is gone, a destroy says what it could not do, and goes on.
    workspace.terraform(&["state", "rm", "terraform_data.vault"]).succeeds();
    workspace.destroy().succeeds().warning(&["The Secret was not copied once more", "vault.address"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_copy_that_the_cluster_refuses_leaves_no_namespace_behind() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::named("refused"), Place::free(&vault), workspace(&vault));
    let content = workspace.secret();
    // A TLS Secret without its two keys.
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"namespace": namespace.name(), "name": "one"}, "data": {"key": "Y29udGVudA=="}});
    let manifest = json!({"apiVersion": "v1", "kind": "List", "items": [secret]}).to_string();
    vault.write(
        &format!("secret/data/{}", place.path),
        &json!({"data": {"format": "tazlab.io/kept-secret/v1", "namespace": namespace.name(), "name": "one",
            "manifest": manifest.replace("Y29udGVudA==", &encoded(&content))}}),
    );
    workspace.hcl(&one(&namespace, &place, "  create_namespace = true\n  forget_copy = true"));
    // The second one replaces what the first one has left, and forgets nothing by that.
    let refused = [workspace.apply(), workspace.apply()].map(|run| {
        let run = run.fails();
        run.error(&["Cannot restore Secret", "tls.crt"]);
        run
    });
    assert_eq!(place.version(), Some(1));
    // The namespace was made for it, and is not forgotten.
    assert_eq!((namespace.exists(), workspace.addresses()), (true, vec![ONE.to_owned()]), "{}", refused[1]);
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
    assert_eq!(place.version(), Some(1));
}

fn encoded(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(text)
}
