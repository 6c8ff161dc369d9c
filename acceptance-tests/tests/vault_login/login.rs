//! A login that works: what came out of it, what is left of it, and what is missing although it works.

use super::audit::{Audit, is_dead};
use super::*;

#[test]
fn a_login_that_works_is_told_and_leaves_nothing_behind() {
    let (vault, workspace) = (Vault::start(), Workspace::new());
    let audit = Audit::of(&vault);
    let site = Site::new(&vault);
    workspace.provider(&vault.block(&workspace));
    let policy = site.policy("reader", "path \"secret/*\" { capabilities = [\"read\"] }");
    site.role("grafana", &json!({"token_policies": [policy]}));
    site.role("hollow", &json!({"token_policies": ["no-such-policy"]}));
    site.role("plain", &json!({}));
    site.role("batch", &json!({"token_type": "batch", "token_policies": [policy]}));
    site.role("once", &json!({"token_num_uses": 1, "token_policies": [policy]}));
    let namespace = site.namespace.name();
    let logins = [
        Login::new("works", &site.mount, "grafana"),
        Login::new("spelled", &site.mount, "grafana").with(&format!("audiences = [\"other\", \"{AUDIENCE}\"]")),
        Login::new("hollow", &site.mount, "hollow"),
        Login::new("plain", &site.mount, "plain"),
        Login::new("batch", &site.mount, "batch"),
        Login::new("once", &site.mount, "once"),
    ];
    workspace.hcl(
        &proofs(namespace, &logins)
            .replace(&format!("mount = \"{}\"", site.mount), &format!("mount = \"auth/{}/\"", site.mount)),
    );
    let applied = workspace.apply().succeeds();
    let found = outputs(&workspace);
    for name in ["works", "spelled", "batch", "once"] {
        let found = &found[name];
        assert_eq!((&found["ready"], &found["problems"]), (&json!(true), &json!([])), "{name}: {found}");
        assert_eq!(found["policies"], json!(["default", policy]), "{name}");
        assert_eq!((&found["token_ttl"], &found["claims"]), (&json!(1200), &json!(null)), "{name}");
        let summary = found["summary"].as_str().unwrap();
        assert!(summary.contains(&format!("{namespace}/{ACCOUNT}")) && summary.ends_with("for 20m"), "{summary}");
    }
    assert_eq!(found["hollow"]["ready"], json!(false));
    assert!(problems(&found["hollow"]).contains("Policy no-such-policy does not exist"), "{}", found["hollow"]);
    assert_eq!(found["plain"]["ready"], json!(true), "{}", found["plain"]);
    applied.warning(&["data.tazlab_vault_jwt_login.plain", "token_policies"]);
    assert_eq!(applied.warnings().len(), 2, "{applied}");
    applied.warning(&["data.tazlab_vault_jwt_login.hollow", "no-such-policy"]);

    let issued = audit.issued();
    let (batch, service): (Vec<_>, Vec<_>) = issued.iter().partition(|token| token.starts_with("hvb."));
    assert!(!batch.is_empty() && service.len() >= 5, "{}", issued.len());
    for token in service {
        assert!(is_dead(&vault, token), "a token of the trial lives on");
    }
    assert!(audit.plant(&workspace) >= 15);
}

#[test]
fn a_failed_postcondition_ends_an_apply_and_no_destroy() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    workspace.provider(&vault.block(&workspace));
    let policy = site.policy("reader", "path \"secret/*\" { capabilities = [\"read\"] }");
    site.role("grafana", &json!({"token_policies": [policy]}));
    let condition = "lifecycle {\n    postcondition {\n      condition     = self.ready\n      error_message = join(\"\\n\", self.problems)\n    }\n  }";
    let arguments = format!("audiences = [\"{AUDIENCE}\"]\n  {condition}");
    let login = Login::new("grafana", &site.mount, "grafana").with(&arguments);
    let before = "resource \"terraform_data\" \"before\" {}\n";
    workspace.hcl(&(before.to_owned() + &proofs(site.namespace.name(), &[login])));
    workspace.apply().succeeds();
    site.role("grafana", &json!({"bound_subject": "system:serviceaccount:other:other"}));
    let wants = site.subject();
    let refused = workspace.apply().fails();
    refused.error(&["postcondition", "sub: the token has", &wants]);
    let destroyed = workspace.destroy().succeeds();
    assert!(destroyed.stdout.contains("data.tazlab_vault_jwt_login.grafana: Refreshing"), "{destroyed}");
}
