//! The examples of the documentation, as they stand but for names and addresses, with their imports.

use acceptance_tests::Operator;
use acceptance_tests::operator::Conduct;

use super::*;

#[test]
fn the_store_and_its_import() {
    let scene = Scene::new(Vault::shared());
    let workspace = Workspace::new();
    workspace.plant(scene.vault.token());
    let own = |text: String| {
        text.replace("\"external-secrets\"", &format!("\"{}\"", scene.namespace.name()))
            .replace("name = \"vault-token\"", "name = \"vault\"")
            .replace("name = \"vault-ca\"", "name = \"vault\"")
            .replace("  name     = \"vault\"", &format!("  name     = \"{}\"", scene.name("example")))
            .replace("https://vault.tail1234.ts.net:8200", scene.vault.address())
    };
    workspace.hcl(&own(example("resources/tazlab_vault_secret_store/resource.tf")));
    workspace.apply().succeeds();
    let mut words = import_command("resources/tazlab_vault_secret_store/import.sh");
    *words.last_mut().unwrap() = scene.name("example");
    imported_again(&workspace, &words);
    workspace.destroy().succeeds();
    workspace.hcl(&example("resources/tazlab_vault_secret_store/namespaced.tf"));
    workspace.plan().succeeds().only("create", "tazlab_vault_secret_store.grafana");
}

#[test]
fn the_services_and_their_imports() {
    let namespace = Namespace::made("services");
    let _operator = Operator::start(namespace.name(), namespace.name(), Conduct::default());
    let workspace = Workspace::new();
    let egress = example("resources/tazlab_tailnet_egress/resource.tf");
    let apiserver = example("resources/tazlab_tailnet_apiserver/resource.tf");
    let named = format!("namespace = \"{}\"", namespace.name());
    // The second one stands in kube-system by default, which is everybody's.
    workspace.hcl(&format!(
        "{}\n{}",
        egress.replace("namespace = \"tailscale\"", &named),
        apiserver.replace("  hostname", &format!("  {named}\n  hostname"))
    ));
    workspace.apply().succeeds();
    for (name, there) in [("egress", "tailscale/"), ("apiserver", "kube-system/")] {
        let mut words = import_command(&format!("resources/tazlab_tailnet_{name}/import.sh"));
        let id = words.last_mut().unwrap();
        *id = id.replace(there, &format!("{}/", namespace.name()));
        imported_again(&workspace, &words);
    }
    workspace.destroy().succeeds();
}
