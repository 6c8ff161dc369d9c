//! Settings that are not known yet, and servers that do not answer: nothing fails, nothing is unknown, and apply knows more.

use acceptance_tests::Proxy;

use super::*;

#[test]
fn settings_that_are_made_in_the_same_apply_are_named_and_nothing_fails() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    site.role("grafana", &json!({}));
    let kubeconfig = acceptance_tests::Testbed::get().kubeconfig().display();
    let block = vault.block(&workspace).replace(&format!("\"{}\"", vault.address()), "terraform_data.vault.output");
    workspace.provider(&format!("kubernetes = {{ config_path = terraform_data.cluster.output }}\n{block}"));
    let made = format!(
        "resource \"terraform_data\" \"cluster\" {{\n  input = \"{kubeconfig}\"\n}}\nresource \"terraform_data\" \"vault\" {{\n  input = \"{}\"\n}}\n",
        vault.address()
    );
    let keys =
        "data \"tazlab_cluster_jwks\" \"this\" {}\noutput \"keys\" {\n  value = data.tazlab_cluster_jwks.this\n}\n";
    let deferred = "depends_on = [terraform_data.cluster, terraform_data.vault]";
    let login = |name| Login::new(name, &site.mount, "grafana");
    let later = login("later").with(&format!("audiences = [\"{AUDIENCE}\"]\n  {deferred}"));
    workspace.hcl(&(made + keys + &proofs(site.namespace.name(), &[login("now"), later])));
    let planned = workspace.plan().succeeds();
    planned.warning(&[
        "data.tazlab_vault_jwt_login.now",
        "vault.address is not known yet",
        "kubernetes.config_path is not known yet",
    ]);
    planned.warning(&["data.tazlab_cluster_jwks.this", "kubernetes.config_path is not known yet"]);
    workspace.apply().succeeds();
    let found = outputs(&workspace);
    assert_eq!(found["now"]["ready"], json!(false));
    assert_eq!((&found["now"]["policies"], &found["keys"]["keys"]), (&json!(null), &json!(null)));
    assert_eq!(found["later"]["policies"], json!(["default"]), "{}", found["later"]);
    workspace.apply().succeeds();
    assert_eq!(outputs(&workspace)["keys"]["ready"], json!(true));
}

#[test]
fn who_does_not_answer_or_does_not_exist_is_a_finding() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    site.role("grafana", &json!({}));
    let block = vault.block(&workspace);
    let nowhere = format!("https://127.0.0.1:{}", Proxy::free_port());
    let proof = proofs(site.namespace.name(), &[Login::new("grafana", &site.mount, "grafana")]);
    workspace.provider(&block);
    workspace.hcl(&proof);
    let control = workspace.apply().succeeds();
    let find = |provider: &str, proof: &str| {
        workspace.provider(provider);
        workspace.hcl(proof);
        let applied = workspace.apply().succeeds();
        applied.waited_at_most(std::time::Duration::from_secs(5), &control);
        let found = outputs(&workspace)["grafana"].clone();
        assert_eq!((&found["ready"], &found["claims"]), (&json!(false), &json!(null)));
        problems(&found)
    };
    let told = find(&block.replace(vault.address(), &nowhere), &proof);
    assert!(told.contains("Cannot reach Vault") && told.contains("connection refused"), "{told}");
    let told = find(
        &format!("connect_timeout = \"2s\"\nkubernetes = {{\n  host = \"{nowhere}\"\n  token = \"x\"\n}}\n{block}"),
        &proof,
    );
    assert!(told.contains("Cannot get a token of ServiceAccount") && told.contains("connection refused"), "{told}");
    let told = find(&block, &proof.replace(ACCOUNT, "nobody"));
    assert!(told.contains("/nobody does not exist"), "{told}");
    let told = find("", &proof);
    assert!(told.contains("no Vault is configured"), "{told}");
}
