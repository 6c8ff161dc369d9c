//! `tazlab_cluster_jwks`.

use super::*;

const CONFIGURATION: &str =
    "data \"tazlab_cluster_jwks\" \"this\" {}\noutput \"keys\" {\n  value = data.tazlab_cluster_jwks.this\n}\n";

#[test]
fn they_are_what_the_cluster_serves() {
    let workspace = Workspace::new();
    workspace.hcl(CONFIGURATION);
    workspace.apply().succeeds();
    let found = &outputs(&workspace)["keys"];
    let served: Value = serde_json::from_str(&kubectl::succeeds(&["get", "--raw", "/openid/v1/jwks"])).unwrap();
    let ids: Vec<&Value> = served["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(found["key_ids"].as_array().unwrap().iter().collect::<Vec<_>>(), ids);
    assert_eq!(serde_json::from_str::<Value>(found["jwks"].as_str().unwrap()).unwrap(), served);
    assert_eq!((&found["issuer"], &found["ready"]), (&json!(issuer()), &json!(true)));
    assert_eq!(found["public_keys_pem"], json!(cluster_keys()));
    assert!(found["summary"].as_str().unwrap().contains(&issuer()));
    assert_eq!(found["problems"], json!([]));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_user_who_may_not_see_them_is_told_the_right_that_is_missing() {
    let (namespace, workspace) = (Namespace::made("keys"), Workspace::new());
    // Every ServiceAccount may see the documents, and a user who is not logged in may not.
    let token = kubectl::token(&namespace, None);
    let with = |token: &str| {
        workspace.plant(token);
        let file = workspace.source("token", token);
        workspace.provider(&acceptance_tests::kubeconfig::block(&format!("token_file = \"{file}\"")));
    };
    workspace.hcl(CONFIGURATION);
    with(&token);
    workspace.apply().succeeds();
    assert_eq!(outputs(&workspace)["keys"]["ready"], json!(true));

    with("nobody");
    let applied = workspace.apply().succeeds();
    applied.warning(&["data.tazlab_cluster_jwks.this", "401"]);
    let found = &outputs(&workspace)["keys"];
    assert_eq!((&found["ready"], &found["keys"], &found["issuer"]), (&json!(false), &json!(null), &json!(null)));
    assert!(problems(found).contains("does not accept the credentials"), "{found}");
}
