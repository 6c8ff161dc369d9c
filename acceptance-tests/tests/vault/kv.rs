//! KV version 2 as a source of `tazlab_bootstrap_secret`.

use super::*;

const SECRET: &str = "tazlab_bootstrap_secret.one";

#[test]
fn a_secret_comes_out_of_vault_and_nothing_of_it_is_kept() {
    let vault = Vault::shared();
    let (namespace, workspace) = (Namespace::made("kv"), workspace(&vault));
    let at = format!("test-{}", acceptance_tests::canary::plant());
    let put = |fields: Value| drop(vault.write(&format!("secret/data/{at}"), &json!({"data": fields})));
    let (first, second) = (workspace.secret(), workspace.secret());
    put(json!({"TOKEN": first, "NUMBER": 12, "EMPTY": ""}));
    let hcl = |source: &str| {
        format!(
            "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n  vault = {{ {source} }}\n}}\n",
            namespace.name()
        )
    };
    let field = |field: &str, more: &str| {
        format!("token = {{ mount = \"secret\", path = \"{at}\", field = \"{field}\"{more} }}")
    };
    workspace.hcl(&hcl(&field("TOKEN", "")));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["token"], first.as_bytes());
    workspace.plan().succeeds().changes_nothing();

    put(json!({"TOKEN": second, "NUMBER": 12, "EMPTY": ""}));
    workspace.plan().succeeds().only("update", SECRET).warning(&["Keys to be written: \"token\""]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["token"], second.as_bytes());

    // An older version, and a number as JSON writes it.
    workspace.hcl(&hcl(&format!(
        "{}, {}",
        field("TOKEN", ", version = 1"),
        field("NUMBER", "").replace("token =", "number =")
    )));
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    assert_eq!((contents["token"].as_slice(), contents["number"].as_slice()), (first.as_bytes(), b"12".as_slice()));

    for (source, words) in [
        (field("NONE", ""), "has no field \"NONE\""),
        (field("EMPTY", ""), "is empty"),
        (field("TOKEN", ", version = 9"), "has no version 9"),
        (field("TOKEN", "").replace(&at, "nowhere"), "No secret exists"),
        (field("TOKEN", "").replace("\"secret\"", "\"no-mount\""), "No secret exists"),
    ] {
        workspace.hcl(&hcl(&source));
        workspace.plan().fails().error(&["No content for key \"token\"", words]);
    }
    // A Vault that is gone keeps what is there.
    workspace.hcl(&hcl(&field("TOKEN", ", version = 1")));
    workspace.apply().succeeds();
    let closed = format!("https://127.0.0.1:{}", acceptance_tests::Proxy::free_port());
    workspace.provider(&vault.block(&workspace).replace(vault.address(), &closed));
    workspace.plan().succeeds().warning(&["A key has no source", "connection refused"]);
    workspace.destroy().succeeds();
}
