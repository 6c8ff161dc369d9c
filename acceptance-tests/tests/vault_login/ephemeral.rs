//! `tazlab_vault_token` and `tazlab_service_account_token`: used while Terraform runs, dead or over afterwards, stored nowhere.

use std::collections::BTreeSet;

use acceptance_tests::Capability;
use acceptance_tests::client::shows;

use super::audit::{Audit, is_dead, plant_jwt};
use super::*;

/// A Secret with what is in memory only, so that the test learns it.
fn secret(namespace: &str, value: &str) -> String {
    format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{namespace}\"\n  name = \"one\"\n  values_wo = {{ token = {value} }}\n  values_wo_version = 1\n}}\n"
    )
}

fn written(site: &Site<'_>) -> String {
    String::from_utf8(site.namespace.contents("one")["token"].clone()).unwrap()
}

#[test]
fn a_token_of_each_kind_works_in_a_run_and_is_dead_after_it() {
    let (vault, workspace) = (Vault::start(), Workspace::new());
    let audit = Audit::of(&vault);
    let site = Site::new(&vault);
    workspace.provider(&vault.block(&workspace));
    let policy = site.policy("reader", "path \"secret/*\" { capabilities = [\"read\"] }");
    site.role("grafana", &json!({"token_policies": [policy]}));
    vault.write("sys/auth/approle", &json!({"type": "approle"}));
    vault.write("auth/approle/role/runner", &json!({"token_policies": [policy], "token_ttl": "20m"}));
    let role_id = vault.read("auth/approle/role/runner/role-id").unwrap()["role_id"].as_str().unwrap().to_owned();
    let made = vault.write("auth/approle/role/runner/secret-id", &json!({}));
    let secret_id = made["data"]["secret_id"].as_str().unwrap().to_owned();
    workspace.plant(&secret_id);
    let file = workspace.source("secret-id", &secret_id);

    let account = format!("{{ namespace = \"{}\", name = \"{ACCOUNT}\" }}", site.namespace.name());
    let mut seen = BTreeSet::new();
    for (way, issued) in [
        (
            format!(
                "jwt = {{\n    mount = \"{}\"\n    role = \"grafana\"\n    audiences = [\"{AUDIENCE}\"]\n    service_account = {account}\n  }}",
                site.mount
            ),
            policy.as_str(),
        ),
        (format!("approle = {{\n    role_id = \"{role_id}\"\n    secret_id_file = \"{file}\"\n  }}"), policy.as_str()),
        (format!("child = {{\n    policies = [\"{policy}\"]\n    display_name = \"run\"\n  }}"), policy.as_str()),
        ("child = {}".to_owned(), "root"),
    ] {
        let ephemeral = format!(
            "ephemeral \"tazlab_vault_token\" \"run\" {{\n  {way}\n  lifecycle {{\n    postcondition {{\n      condition     = contains(self.policies, \"{issued}\") && self.token_ttl > 0\n      error_message = \"not what was asked for\"\n    }}\n  }}\n}}\n"
        );
        workspace.hcl(&(ephemeral + &secret(site.namespace.name(), "ephemeral.tazlab_vault_token.run.token")));
        workspace.apply().succeeds();
        let token = written(&site);
        assert!(token.starts_with("hvs.") && seen.insert(token.clone()), "a token of its own each time");
        assert!(is_dead(&vault, &token), "{way}");
        workspace.plan().succeeds().changes_nothing();
        workspace.destroy().succeeds();
    }
    let issued = audit.issued();
    assert!(issued.len() >= 12, "one at each plan and one at each apply: {}", issued.len());
    for token in issued.iter().filter(|token| *token != vault.token()) {
        assert!(is_dead(&vault, token), "a token lives on");
    }
    assert!(audit.plant(&workspace) > issued.len());
}

#[test]
fn a_short_lived_token_is_renewed_as_long_as_a_provider_needs_it() {
    let (vault, workspace) = (Vault::start(), Workspace::new());
    let audit = Audit::of(&vault);
    let site = Site::new(&vault);
    // What the run may do with its token: look at the mount. It may not do what the parent may.
    let path = format!("auth/{}/*", site.mount);
    let policy = site.policy("looker", &format!("path \"{path}\" {{ capabilities = [\"read\", \"list\"] }}"));
    site.role("grafana", &json!({"bound_audiences": ["https://other"]}));
    let child = format!(
        "ephemeral \"tazlab_vault_token\" \"run\" {{\n  child = {{\n    policies = [\"{policy}\"]\n    ttl = \"4s\"\n  }}\n}}\n"
    );
    // Longer than the token lives by itself.
    let work =
        "resource \"terraform_data\" \"work\" {\n  provisioner \"local-exec\" {\n    command = \"sleep 7\"\n  }\n}\n";
    let kubeconfig = acceptance_tests::Testbed::get().kubeconfig().display();
    let alias = format!(
        "provider \"tazlab\" {{\n  alias = \"run\"\n  kubernetes = {{ config_path = \"{kubeconfig}\" }}\n  {}\n}}\n",
        vault.block_of("token = ephemeral.tazlab_vault_token.run.token")
    );
    workspace.provider(&vault.block(&workspace));
    let login = Login::new("grafana", &site.mount, "grafana")
        .with(&format!("audiences = [\"{AUDIENCE}\"]\n  provider = tazlab.run\n  depends_on = [terraform_data.work]"));
    workspace.hcl(&(child + &alias + work + &proofs(site.namespace.name(), &[login])));
    workspace.apply().succeeds();
    let found = &outputs(&workspace)["grafana"];
    let told = problems(found);
    assert!(told.contains("aud: the token has") && !told.contains("not known"), "{told}");
    assert!(audit.answered("auth/token/renew-self") >= 2, "it was renewed");
    for token in audit.issued().iter().filter(|token| *token != vault.token()) {
        assert!(is_dead(&vault, token), "a token lives on");
    }
    audit.plant(&workspace);
}

/// A plan tells why there is nothing yet; a client that takes no unknown value of an ephemeral resource ends there.
fn is_opened_later(workspace: &Workspace, warning: &[&str]) {
    let works = || drop(workspace.plan().succeeds().warning(warning));
    let refuses = || {
        let refused = workspace.plan().fails();
        refused.error(&["not wholly known"]);
        refused.warning(warning);
    };
    shows(Capability::LateEphemeral, works, refuses);
}

#[test]
fn a_refused_login_is_an_error_that_says_where_to_look() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    site.role("grafana", &json!({"bound_audiences": ["https://other"]}));
    let account = format!("{{ namespace = \"{}\", name = \"{ACCOUNT}\" }}", site.namespace.name());
    let way = |role: &str, account: &str| {
        format!(
            "ephemeral \"tazlab_vault_token\" \"run\" {{\n  jwt = {{\n    mount = \"{}\"\n    role = \"{role}\"\n    audiences = [\"{AUDIENCE}\"]\n    service_account = {account}\n  }}\n}}\n",
            site.mount
        )
    };
    workspace.provider(&vault.block(&workspace));
    workspace.hcl(&way("grafana", &account));
    workspace.plan().fails().error(&["cannot log in as grafana", "tazlab_vault_jwt_login", "aud"]);
    workspace.hcl(&way("grafana", &account.replace(ACCOUNT, "nobody")));
    workspace.plan().fails().error(&["Cannot get a token of the ServiceAccount", "not found"]);
    workspace.hcl("ephemeral \"tazlab_vault_token\" \"run\" {}\n");
    workspace.validate().fails();

    // A token that may not have children.
    let poor = vault.token_with("path \"secret/*\" { capabilities = [\"read\"] }");
    workspace.provider(&vault.block_with(&workspace, &poor));
    workspace.hcl("ephemeral \"tazlab_vault_token\" \"run\" {\n  child = { policies = [\"root\"] }\n}\n");
    workspace.plan().fails().error(&["Cannot create this child of the provider's token"]);

    // Nobody is there (yet): nothing fails while planning.
    let nowhere = format!("https://127.0.0.1:{}", acceptance_tests::Proxy::free_port());
    workspace.provider(&vault.block(&workspace).replace(vault.address(), &nowhere));
    is_opened_later(
        &workspace,
        &["ephemeral.tazlab_vault_token.run", "The Vault token is not available yet", "depends_on"],
    );
}

#[test]
fn a_token_of_a_service_account_is_what_kubernetes_issues_and_lies_nowhere() {
    let (namespace, workspace) = (Namespace::made("satoken"), Workspace::new());
    kubectl::succeeds(&["create", "serviceaccount", ACCOUNT, "-n", namespace.name()]);
    let ephemeral = format!(
        "ephemeral \"tazlab_service_account_token\" \"one\" {{\n  namespace = \"{}\"\n  name = \"{ACCOUNT}\"\n  audiences = [\"a\", \"b\"]\n  expiration = \"20m\"\n}}\n",
        namespace.name()
    );
    workspace.hcl(&(ephemeral.clone() + &secret(namespace.name(), "ephemeral.tazlab_service_account_token.one.token")));
    workspace.apply().succeeds();
    let jwt = String::from_utf8(namespace.contents("one")["token"].clone()).unwrap();
    plant_jwt(&workspace, &jwt);
    let token = tazlab_jwk::token::Token::read(&jwt).unwrap();
    assert_eq!(token.audiences(), ["a", "b"]);
    assert_eq!(token.text("sub"), Some(format!("system:serviceaccount:{}:{ACCOUNT}", namespace.name()).as_str()));
    assert_eq!(token.seconds("exp").unwrap() - token.seconds("iat").unwrap(), 1200);
    workspace.plan().succeeds().changes_nothing();

    workspace.hcl(&ephemeral.replace(ACCOUNT, "nobody"));
    workspace.plan().fails().error(&["Cannot get a token of ServiceAccount", "not found"]);
    workspace.hcl(&ephemeral.replace("20m", "5m"));
    workspace.validate().fails();
    // Settings that are not known yet: the token is unknown while planning, and there when it is needed.
    let kubeconfig = acceptance_tests::Testbed::get().kubeconfig().display();
    workspace.provider("kubernetes = { config_path = terraform_data.cluster.output }");
    let made = format!("resource \"terraform_data\" \"cluster\" {{\n  input = \"{kubeconfig}\"\n}}\n");
    let two =
        secret(namespace.name(), "ephemeral.tazlab_service_account_token.one.token").replace("\"one\"", "\"two\"");
    workspace.hcl(&(made + &ephemeral + &two));
    is_opened_later(&workspace, &["ephemeral.tazlab_service_account_token.one", "not known yet"]);
}
