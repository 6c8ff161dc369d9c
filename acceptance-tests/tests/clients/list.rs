//! `terraform query`: what it finds, how it is narrowed, and that what it writes can be applied.

use std::fs;
use std::path::Path;

use super::*;

/// A list block.
fn list(kind: &str, name: &str, arguments: &str, config: &str) -> String {
    format!("list \"{kind}\" \"{name}\" {{\n  provider = tazlab\n{arguments}\n  config {{\n{config}\n  }}\n}}\n")
}

/// What was found under the name of a block: the name shown, the identity and the object.
fn found(run: &Run, block: &str) -> Vec<(String, Value, Value)> {
    let all = run.events_of("list_resource_found");
    let of_block = all
        .iter()
        .map(|event| &event["list_resource_found"])
        .filter(|found| found["address"].as_str().is_some_and(|address| address.ends_with(&format!(".{block}"))));
    of_block
        .map(|found| {
            (
                found["display_name"].as_str().unwrap().to_owned(),
                found["identity"].clone(),
                found["resource_object"].clone(),
            )
        })
        .collect()
}

fn names(run: &Run, block: &str) -> Vec<String> {
    found(run, block).into_iter().map(|(name, _, _)| name).collect()
}

#[test]
fn secrets_mounts_and_roles_are_found_and_no_secret_is_told() {
    // It is asked for everything in it.
    let (vault, namespace) = (Vault::start(), Namespace::made("list"));
    let mount = Mount::made(&vault, "list", &["one", "two"]);
    let workspace = workspace(&vault);
    let query = |text: &str| {
        fs::write(workspace.path().join("all.tfquery.hcl"), text).unwrap();
        workspace.terraform(&["query", "-json"])
    };
    let works = || {
        // Three by hand, one of another type and one of ours.
        for (name, label) in [("a", "web"), ("b", "web"), ("c", "other")] {
            let literal = format!("--from-literal=key={}", workspace.secret());
            kubectl::succeeds(&["create", "secret", "generic", name, "-n", namespace.name(), &literal]);
            kubectl::succeeds(&["label", "secret", name, "-n", namespace.name(), &format!("app={label}")]);
        }
        let literal = format!("--from-literal=key={}", workspace.secret());
        kubectl::succeeds(&[
            "create",
            "secret",
            "generic",
            "d",
            "-n",
            namespace.name(),
            "--type=tazlab.test/x",
            &literal,
        ]);
        workspace.hcl(&format!(
            "resource \"tazlab_bootstrap_secret\" \"ours\" {{\n  namespace = \"{}\"\n  name = \"ours\"\n  values = {{ a = \"b\" }}\n}}\n",
            namespace.name()
        ));
        workspace.apply().succeeds();

        let here = format!("    namespace = \"{}\"\n", namespace.name());
        let of = "tazlab_bootstrap_secret";
        let secrets = [
            list(of, "everything", "", &here),
            list(of, "two", "  limit = 2", &here),
            list(of, "labelled", "  include_resource = true", &format!("{here}    label_selector = \"app=web\"")),
            list(of, "typed", "", &format!("{here}    type = \"tazlab.test/x\"")),
            list(of, "ours", "", &format!("{here}    managed = true")),
            list(of, "theirs", "", &format!("{here}    managed = false")),
        ];
        let (auth, role) = ("tazlab_vault_jwt_auth", "tazlab_vault_jwt_role");
        let of_mount = format!("    mount = \"{}\"", mount.1);
        let vaults = [
            list(auth, "mounts", "  include_resource = true", "    type = \"jwt\""),
            list(auth, "interactive", "", "    type = \"oidc\""),
            list(role, "of_mount", "  include_resource = true", &of_mount),
            list(role, "first", "  limit = 1", &of_mount),
            list(role, "of_all", "  limit = 100000", ""),
        ];
        let run = query(&(secrets.concat() + &vaults.concat())).succeeds();
        let of = |names: &[&str]| names.iter().map(|name| format!("{}/{name}", namespace.name())).collect::<Vec<_>>();
        assert_eq!(names(&run, "everything"), of(&["a", "b", "c", "d", "ours"]));
        assert_eq!(names(&run, "two").len(), 2);
        assert_eq!(names(&run, "typed"), of(&["d"]));
        assert_eq!((names(&run, "ours"), names(&run, "theirs")), (of(&["ours"]), of(&["a", "b", "c", "d"])));
        let labelled = found(&run, "labelled");
        assert_eq!(labelled.len(), 2);
        assert_eq!(labelled[0].1, json!({"namespace": namespace.name(), "name": "a"}));
        assert_eq!((&labelled[0].2["labels"], &labelled[0].2["values"]), (&json!({"app": "web"}), &Value::Null));
        assert!(labelled[0].2["uid"].is_string(), "{labelled:?}");

        let mounts = found(&run, "mounts");
        let ours = mounts.iter().find(|(name, ..)| *name == format!("auth/{}", mount.1)).expect("the mount");
        assert_eq!(ours.1, json!({"accessor": mount.accessor(), "namespace": null}));
        assert_eq!((&ours.2["bound_issuer"], &ours.2["keys"]), (&json!(ISSUER), &json!("pem")));
        assert_eq!(names(&run, "interactive"), [""; 0]);
        let roles = found(&run, "of_mount");
        assert_eq!(roles.len(), 2);
        assert_eq!(roles[1].1, json!({"mount": mount.1, "name": "two", "namespace": null}));
        assert_eq!(roles[1].2["bound_subject"], json!("system:serviceaccount:a:default"));
        assert_eq!(names(&run, "first").len(), 1);
        assert!(names(&run, "of_all").contains(&roles[0].0) && names(&run, "of_all").contains(&roles[1].0));

        let wrong = query(&list("tazlab_bootstrap_secret", "wrong", "", "    label_selector = \"a in b\"")).fails();
        wrong.error(&["Cannot list Secrets"]);
        query(&list(role, "wrong", "", "    mount = \"no such mount\"")).fails().error(&["path of an auth method"]);

        // The examples as they stand, all in one query.
        let examples = ["tazlab_bootstrap_secret", auth, role].map(|name| {
            let path = format!("../examples/list-resources/{name}/list-resource.tfquery.hcl");
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
        });
        let run = query(&examples.concat()).succeeds();
        assert!(names(&run, "all").contains(&roles[0].0) && names(&run, "web").is_empty(), "{run}");

        denied(&vault, &mount);
    };
    let refuses = || {
        is_unknown_to_the_client(query(""), &["no command named \"query\"", "has no command", "Usage: "]);
    };
    shows(Capability::List, works, refuses);
}

/// Where all mounts are asked, one whose roles may not be seen is a warning.
fn denied(vault: &Vault, mount: &Mount<'_>) {
    let (workspace, closed) = (Workspace::new(), Mount::made(vault, "closed", &["three"]));
    let allowed = |path: &str, what: &str| format!("path \"{path}\" {{ capabilities = [\"{what}\"] }}\n");
    let roles = format!("auth/{}/role", mount.1);
    let policy = allowed("sys/auth", "read") + &allowed(&roles, "list") + &allowed(&format!("{roles}/"), "list");
    workspace.provider(&vault.block_with(&workspace, &vault.token_with(&policy)));
    let every = list("tazlab_vault_jwt_role", "every", "  limit = 100000", "");
    fs::write(workspace.path().join("all.tfquery.hcl"), every).unwrap();
    let run = workspace.terraform(&["query", "-json"]).succeeds();
    assert_eq!(names(&run, "every"), ["one", "two"].map(|name| format!("{roles}/{name}")));
    run.warning(&[&format!("the roles of auth/{}", closed.1), "denied"]);
}
