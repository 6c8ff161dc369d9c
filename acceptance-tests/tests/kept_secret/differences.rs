//! A live Secret and a copy that differ, and what is somebody else's.

use super::*;

#[test]
fn which_of_two_is_right_is_the_users_to_say() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("differ"), Place::free(&vault), workspace(&vault));
    let kept_content = kept(&workspace, &namespace, &place, "");
    // A controller of the new cluster was faster.
    delete(&namespace);
    let anew = workspace.secret();
    make(&namespace, &anew);
    let words = ["The Secret and its copy differ", "prefer = \"live\"", "prefer = \"copy\""];
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&words);
    planned.warning(&["Apply fails with this as an error"]);
    workspace.apply().fails().error(&words);
    std::fs::remove_file(workspace.state_file()).unwrap();
    workspace.apply().fails().error(&words);
    assert_eq!(workspace.addresses(), [""; 0]);
    assert_eq!((place.content("key"), place.version()), (kept_content.as_bytes().to_vec(), Some(1)));
    assert_eq!(namespace.contents("one")["key"], anew.as_bytes());

    workspace.hcl(&one(&namespace, &place, "  prefer = \"copy\""));
    kubectl::apply_as("somebody", &namespace.manifest("one", &[("key", &anew), ("more", "by somebody")]));
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    assert_eq!((contents.len(), contents["key"].as_slice()), (1, kept_content.as_bytes()));
    assert_eq!((&workspace.attributes(ONE)["restored"], place.version()), (&json!(true), Some(1)));
    workspace.plan().succeeds().changes_nothing();

    delete(&namespace);
    make(&namespace, &anew);
    workspace.hcl(&one(&namespace, &place, "  prefer = \"live\""));
    workspace.apply().succeeds();
    assert_eq!((place.content("key"), place.version()), (anew.as_bytes().to_vec(), Some(2)));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_destroy_does_not_copy_what_was_made_anew() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("anew"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "");
    delete(&namespace);
    let anew = workspace.secret();
    make(&namespace, &anew);
    workspace.destroy().succeeds().warning(&["The Secret and its copy differ", "recreated since it was copied"]);
    assert_eq!((place.content("key"), place.version()), (content.as_bytes().to_vec(), Some(1)));
}

#[test]
fn what_somebody_else_keeps_there_is_not_touched() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("foreign"), Place::free(&vault), workspace(&vault));
    let theirs = workspace.secret();
    vault.write(&format!("secret/data/{}", place.path), &json!({"data": {"password": theirs}}));
    make(&namespace, &workspace.secret());
    workspace.hcl(&one(&namespace, &place, ""));
    let words = ["The path holds something else", "not a copy of a Secret", "Nothing was written"];
    // Told by the plan already, where Vault can be asked.
    workspace.plan().succeeds().only("create", ONE).warning(&words);
    workspace.apply().fails().error(&words);
    assert_eq!(place.fields().unwrap(), json!({"password": theirs}));

    // A copy of another Secret.
    vault.delete(&format!("secret/metadata/{}", place.path));
    let content = kept(&workspace, &namespace, &place, "");
    let (other, second) = (Namespace::made("other"), super::workspace(&vault));
    second.plant(&content);
    make(&other, &content);
    second.hcl(&one(&other, &place, "  forget_copy = true"));
    let words = format!("Secret {}/one", namespace.name());
    second.apply().fails().error(&["The path holds something else", &words]);

    // Another type is another Secret.
    delete(&namespace);
    let mut typed = namespace.manifest("one", &[("key", &content)]);
    typed["type"] = json!("example.com/other");
    kubectl::apply_as("somebody", &typed);
    workspace.plan().succeeds().only("update", ONE).warning(&["The path holds something else", "another type"]);
    workspace.apply().fails().error(&["The path holds something else", "another type"]);
    workspace.destroy().succeeds().warning(&["differ"]);
    assert_eq!(place.version(), Some(1));
}

#[test]
fn a_copy_that_was_deleted_is_made_again_and_its_number_goes_on() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("deleted"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "");
    vault.delete(&format!("secret/data/{}", place.path));
    workspace.plan().succeeds().only("update", ONE).warning(&["A newer copy will be kept"]);
    workspace.apply().succeeds();
    assert_eq!((place.content("key"), place.version()), (content.as_bytes().to_vec(), Some(2)));
    assert_eq!(workspace.attributes(ONE)["kept_version"], 2);
    // All of its versions.
    vault.delete(&format!("secret/metadata/{}", place.path));
    workspace.apply().succeeds();
    assert_eq!((place.content("key"), place.version()), (content.as_bytes().to_vec(), Some(1)));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn only_a_kv_engine_of_version_2_keeps_copies() {
    let vault = Vault::shared();
    let (namespace, workspace) = (Namespace::made("kv-one"), workspace(&vault));
    let mount = format!("test-kv-{}", canary::plant().to_lowercase());
    vault.write(&format!("sys/mounts/{mount}"), &json!({"type": "kv", "options": {"version": "1"}}));
    make(&namespace, &workspace.secret());
    let place = Place::free(&vault);
    workspace.hcl(&one(&namespace, &place, "").replace("\"secret\"", &format!("\"{mount}\"")));
    let refused = workspace.apply().fails();
    refused.error(&["The mount is not a KV engine of version 2", "a KV engine of version 1", "Nothing was written"]);
    let (_, listed) = vault.ask("LIST", &mount, None);
    assert!(listed["data"].is_null(), "{listed}");
    vault.delete(&format!("sys/mounts/{mount}"));
}

#[test]
fn arguments_that_cannot_be_right_are_refused_before_anything_is_asked() {
    let vault = Vault::shared();
    let (namespace, workspace) = (Namespace::named("arguments"), Workspace::new());
    let place = Place::free(&vault);
    let good = one(&namespace, &place, "");
    workspace.hcl(&good);
    workspace.validate().succeeds();
    for (from, to, words) in [
        ("name = \"one\"", "name = \"one\"\n  label_selector = \"a=b\"", "label_selector"),
        ("  name = \"one\"\n", "", "label_selector"),
        ("path = \"kept", "path = \"data/kept", "without"),
        ("path = \"kept", "path = \"/kept", "slash"),
        ("path = \"kept", "path = \"a/../kept", "not a path"),
        ("vault =", "prefer = \"newest\"\n  vault =", "prefer"),
        ("vault =", "minimum_validity = \"1d\"\n  vault =", "duration"),
    ] {
        assert!(good.contains(from), "{from}");
        workspace.hcl(&good.replace(from, to));
        let refused = workspace.validate().fails();
        assert!(refused.stderr.contains(words), "{words}: {refused}");
    }
}

#[test]
fn what_gives_access_to_one_cluster_is_never_copied() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("tokens"), Place::free(&vault), workspace(&vault));
    let mut token = namespace.manifest("one", &[]);
    token["type"] = json!("kubernetes.io/service-account-token");
    token["metadata"]["annotations"] = json!({"kubernetes.io/service-account.name": "default"});
    kubectl::apply_as("somebody", &token);
    workspace.hcl(&one(&namespace, &place, ""));
    workspace.apply().fails().error(&["Secrets of this type are never kept", "kubernetes.io/service-account-token"]);
    assert_eq!(place.version(), None);
}

#[test]
fn a_replacement_that_deletes_the_copy_is_announced() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("moved"), Place::free(&vault), workspace(&vault));
    let _ = kept(&workspace, &namespace, &place, "  forget_copy = true");
    let other = Place::free(&vault);
    workspace.hcl(&one(&namespace, &other, "  forget_copy = true"));
    workspace.plan().succeeds().warning(&["The replacement deletes the copy", &place.path]);
    workspace.hcl(&one(&namespace, &place, "  forget_copy = true"));
    workspace.plan().succeeds().changes_nothing();
}
