//! The examples of the documentation, as they stand but for names.

use std::path::Path;

use super::*;

fn example(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/resources/tazlab_kept_secret");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// Replaces what the example names by what this test has.
fn renamed(mut text: String, names: &[(&str, &str)]) -> String {
    for (shown, own) in names {
        let (shown, own) = (format!("= \"{shown}\""), format!("= \"{own}\""));
        assert!(text.contains(&shown), "the example does not say {shown}");
        text = text.replace(&shown, &own);
    }
    text
}

#[test]
fn the_examples_work_as_they_stand() {
    let vault = Vault::shared();
    let (account, blog, sealing) = (Place::free(&vault), Place::free(&vault), Place::free(&vault));
    let workspace = workspace(&vault);
    let [manager, web, flux, system] =
        ["manager", "web", "flux", "system"].map(|purpose| Namespace::named(&format!("example-{purpose}")));
    let text = renamed(
        example("resource.tf"),
        &[
            ("cert-manager", manager.name()),
            ("blog", web.name()),
            ("kept/letsencrypt-account", &account.path),
            ("kept/blog-tls", &blog.path),
        ],
    );
    // The namespace and the Secret in it are both called so.
    let text = text.replacen("= \"flux-system\"", &format!("= \"{}\"", flux.name()), 1);
    workspace.hcl(&text);
    workspace.apply().succeeds();
    let content = workspace.secret();
    kubectl::apply_as("somebody", &manager.manifest("letsencrypt-account", &[("tls.key", &content)]));
    workspace.apply().succeeds();
    assert_eq!(account.content("tls.key"), content.as_bytes());
    kubectl::succeeds(&["delete", "secret", "letsencrypt-account", "-n", manager.name()]);
    workspace.hcl(&text.replace("2026-11", "2026-12"));
    workspace.apply().succeeds();
    assert_eq!(manager.contents("letsencrypt-account")["tls.key"], content.as_bytes());
    workspace.destroy().succeeds();
    assert!(!web.exists() && !flux.exists() && manager.exists(), "what holds a kept Secret stays");

    kubectl::succeeds(&["create", "namespace", system.name()]);
    let text =
        renamed(example("sealed-secrets.tf"), &[("kube-system", system.name()), ("kept/sealing-keys", &sealing.path)]);
    workspace.hcl(&text);
    let mut key = system.manifest("sealed-secrets-key-x1", &[("tls.key", &content)]);
    key["metadata"]["labels"] = json!({"sealedsecrets.bitnami.com/sealed-secrets-key": "active"});
    kubectl::apply_as("somebody", &key);
    workspace.apply().succeeds();
    assert_eq!(sealing.content("tls.key"), content.as_bytes());
    workspace.plan().succeeds().changes_nothing();
}
