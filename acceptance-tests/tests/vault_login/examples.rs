//! The examples of the documentation, as they stand; only namespaces and addresses are the test's.

use std::path::Path;

use super::audit::Audit;
use super::*;

fn example(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(path)).unwrap()
}

/// A proof that needs the provider `tazlab.runner` of an example.
fn by_the_runner(namespace: &str) -> String {
    proofs(
        namespace,
        &[Login::new("proof", "jwt", "runner")
            .with(&format!("provider = tazlab.runner\n  audiences = [\"{AUDIENCE}\"]"))],
    )
    .replace(ACCOUNT, "runner")
}

#[test]
fn all_of_them_work() {
    let (vault, workspace) = (Vault::start(), Workspace::new());
    let audit = Audit::of(&vault);
    let namespace = Namespace::made("example");
    workspace.provider(&vault.block(&workspace));
    workspace.variable("vault_address", vault.address());
    workspace.variable("vault_ca", vault.authority().to_str().unwrap());
    vault.write("sys/auth/jwt", &json!({"type": "jwt"}));
    vault.write("auth/jwt/config", &json!({"bound_issuer": issuer(), "jwt_validation_pubkeys": cluster_keys()}));
    vault.write("sys/policies/acl/reader", &json!({"policy": "path \"secret/*\" { capabilities = [\"read\"] }"}));
    for (role, account) in [("grafana-consumer", ACCOUNT), ("runner", "runner")] {
        kubectl::succeeds(&["create", "serviceaccount", account, "-n", namespace.name()]);
        let subject = format!("system:serviceaccount:{}:{account}", namespace.name());
        vault.write(
            &format!("auth/jwt/role/{role}"),
            &json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": [AUDIENCE], "bound_subject": subject, "token_policies": ["reader"]}),
        );
    }
    let place = |path: &str, name: &str| {
        let text = example(path);
        let own = text.replace(&format!("\"{name}\""), &format!("\"{}\"", namespace.name()));
        assert_ne!(text, own, "{path} names no namespace {name}");
        own
    };

    workspace.hcl(&example("data-sources/tazlab_cluster_jwks/data-source.tf"));
    workspace.apply().succeeds();
    assert_eq!(outputs(&workspace)["issuer"], json!(issuer()));

    workspace.hcl(&place("data-sources/tazlab_vault_jwt_login/data-source.tf", "monitoring"));
    workspace.apply().succeeds();
    assert!(outputs(&workspace)["grafana"].as_str().unwrap().contains("policies default, reader"));

    let kubeconfig = acceptance_tests::Testbed::get().kubeconfig().display();
    for name in ["tazlab_vault_token", "tazlab_service_account_token"] {
        let text = place(&format!("ephemeral-resources/{name}/ephemeral-resource.tf"), "terraform");
        // The proof asks the cluster too.
        let text = text.replace(
            "alias = \"runner\"",
            &format!("alias = \"runner\"\n  kubernetes = {{ config_path = \"{kubeconfig}\" }}"),
        );
        workspace.hcl(&(text + &by_the_runner(namespace.name())));
        workspace.apply().succeeds();
        let proof = &outputs(&workspace)["proof"];
        assert_eq!(proof["ready"], json!(true), "{proof}");
        workspace.plan().succeeds().changes_nothing();
        workspace.destroy().succeeds();
    }
    assert!(audit.plant(&workspace) > 10);
}
