//! A Secret that others made, or that others have keys in: a destroy takes our keys off it, and nothing else.

use acceptance_tests::{FakeCluster, Workspace};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

pub(crate) const ONE: &str = "tazlab_bootstrap_secret.one";

/// One Secret `a/one` from a file, with more arguments.
pub(crate) fn one_file(file: &str, arguments: &str) -> String {
    format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"a\"\n  name = \"one\"\n  files = {{ key = \"{file}\" }}\n{arguments}\n}}\n"
    )
}

/// A Secret `a/one` as a manifest.
pub(crate) fn manifest(data: &[(&str, &str)]) -> Value {
    let data: serde_json::Map<String, Value> =
        data.iter().map(|(key, text)| ((*key).to_owned(), json!(BASE64_STANDARD.encode(text)))).collect();
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "a", "name": "one"}, "data": data})
}

/// A server with the namespace `a`, and a workspace that leads there.
pub(crate) fn scene() -> (FakeCluster, Workspace) {
    let server = FakeCluster::start();
    server.make_namespace("a");
    let workspace = Workspace::without_cluster(&server.block());
    (server, workspace)
}

fn keys(server: &FakeCluster) -> Vec<String> {
    let secret = server.secret("a", "one").expect("the Secret is there");
    secret["data"].as_object().map(|data| data.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn a_destroy_leaves_the_keys_of_others() {
    let (server, workspace) = scene();
    server.apply_as("their-controller", &manifest(&[("theirs", "stays"), ("more", "stays")]));
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, "  labels = { ours = \"x\" }"));
    workspace.apply().succeeds().warning(&[
        "An existing object is adopted",
        "Secret a/one existed before",
        "their-controller",
    ]);
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(keys(&server), ["key", "more", "theirs"]);
    let uid = server.secret("a", "one").unwrap()["metadata"]["uid"].clone();
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret ", "their-controller"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    assert_eq!(keys(&server), ["more", "theirs"]);
    let left = server.secret("a", "one").unwrap();
    assert_eq!(left["metadata"]["uid"], uid);
    assert!(!left.to_string().contains("tazlab.io") && !left.to_string().contains("ours"), "{left}");
}

#[test]
fn what_was_adopted_is_not_deleted_also_where_all_of_it_was_taken_over() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    // By hand and with the same content: both own the key.
    server.update_as("kubectl-create", &manifest(&[("key", &secret)]));
    workspace.hcl(&one_file(&file, ""));
    workspace.apply().succeeds().warning(&[
        "An existing object is adopted",
        "Secret a/one existed before",
        "kubectl-create",
    ]);
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret "]);
    assert_eq!(keys(&server), ["key"]);

    // By force nothing of theirs is left, and the Secret is theirs all the same.
    server.apply_as("somebody", &manifest(&[("key", "theirs")]));
    workspace.hcl(&one_file(&file, "  force_conflicts = true"));
    workspace.apply().succeeds();
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret "]);
    assert!(server.secret("a", "one").is_some());
}

#[test]
fn what_was_adopted_stays_also_where_terraform_has_forgotten_that() {
    // By force, so that nobody else owns anything of it any more.
    let adopted = || {
        let (server, workspace) = scene();
        server.apply_as("somebody", &manifest(&[("key", "theirs")]));
        let (file, _) = workspace.secret_file("key");
        workspace.hcl(&one_file(&file, "  force_conflicts = true"));
        workspace.apply().succeeds().warning(&["An existing object is adopted", "Secret a/one"]);
        let uid = server.secret("a", "one").unwrap()["metadata"]["uid"].clone();
        (server, workspace, file, uid)
    };
    let is_left = |server: &FakeCluster, uid: &Value| {
        let left = server.secret("a", "one").expect("it stays");
        assert_eq!(left["metadata"]["uid"], *uid);
        assert!(!left.to_string().contains("tazlab.io"), "{left}");
    };
    // A block that is renamed without `moved`: a create and a delete of the same name.
    let (server, workspace, file, uid) = adopted();
    workspace.hcl(&one_file(&file, "  force_conflicts = true").replace("\"one\" {", "\"renamed\" {"));
    workspace.apply().succeeds();
    workspace.apply().succeeds();
    workspace.destroy().succeeds().warning(&["The object was not deleted"]);
    is_left(&server, &uid);
    // One that is tainted: Terraform forgets the private state of what it replaces.
    let (server, workspace, _, uid) = adopted();
    workspace.terraform(&["taint", ONE]).succeeds();
    workspace.apply().succeeds();
    assert_eq!(server.secret("a", "one").unwrap()["metadata"]["uid"], uid, "the replacement deletes nothing");
    workspace.destroy().succeeds().warning(&["The object was not deleted"]);
    is_left(&server, &uid);
    // One that is forgotten and taken in again.
    let (server, workspace, _, uid) = adopted();
    workspace.terraform(&["state", "rm", ONE]).succeeds();
    workspace.terraform(&["import", ONE, "a/one"]).succeeds();
    workspace.apply().succeeds();
    workspace.destroy().succeeds().warning(&["The object was not deleted"]);
    is_left(&server, &uid);
    // One that is replaced, the new one first.
    let (server, workspace, file, uid) = adopted();
    let first = "  force_conflicts = true\n  type = \"example.com/other\"\n  lifecycle {\n    create_before_destroy = true\n  }";
    workspace.hcl(&one_file(&file, first));
    let _ = workspace.apply();
    assert_eq!(server.secret("a", "one").expect("it stays")["metadata"]["uid"], uid);
}

#[test]
fn what_somebody_made_anew_is_adopted_and_not_ours() {
    let (server, workspace) = scene();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, "  force_conflicts = true"));
    workspace.apply().succeeds();
    server.remove("/api/v1/namespaces/a/secrets/one");
    server.apply_as("somebody", &manifest(&[("key", "theirs")]));
    let uid = server.secret("a", "one").unwrap()["metadata"]["uid"].clone();
    workspace.apply().succeeds().warning(&["An existing object is adopted", "Secret a/one"]);
    workspace.destroy().succeeds().warning(&["The object was not deleted"]);
    assert_eq!(server.secret("a", "one").expect("it stays")["metadata"]["uid"], uid);
}

#[test]
fn keys_that_others_add_later_stay_too() {
    let (server, workspace) = scene();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    let created = workspace.apply().succeeds();
    assert!(created.warnings().iter().all(|warning| !warning.contains("adopted")), "{created}");
    server.update_as("kubectl-edit", &manifest(&[("theirs", "stays")]));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret ", "kubectl-edit"]);
    assert_eq!(keys(&server), ["theirs"]);
}

#[test]
fn control_what_we_made_alone_is_deleted_and_so_is_what_was_imported() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(server.secret("a", "one"), None);

    server.update_as("kubectl-create", &manifest(&[("key", &secret)]));
    workspace.terraform(&["import", ONE, "a/one"]).succeeds();
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(server.secret("a", "one"), None, "the user said that it is to be managed here");
}

#[test]
fn a_namespace_that_somebody_declares_by_now_stays() {
    let (server, workspace) = (FakeCluster::start(), Workspace::without_cluster(""));
    workspace.provider_block(&server.block());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, "  create_namespace = true"));
    workspace.apply().succeeds();
    let theirs = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "labels": {"team": "b"}}});
    server.apply_as("kustomize-controller", &theirs);
    workspace.destroy().succeeds().warning(&["The namespace was not deleted", "kustomize-controller"]);
    assert!(server.namespace("a").is_some());
    // The control: nobody does.
    let other = FakeCluster::start();
    workspace.provider_block(&other.block());
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(other.namespace("a"), None);
}

#[test]
fn what_a_server_adopts_although_it_must_not_exist_is_reported() {
    let (server, workspace) = scene();
    server.apply_as("their-controller", &manifest(&[("theirs", "stays")]));
    server.take_any_version();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    workspace.apply().succeeds().warning(&["An existing object is adopted", "Secret a/one", "their-controller"]);
    assert_eq!(server.lines().iter().filter(|line| line.contains("/secrets/")).count(), 1, "{:?}", server.lines());
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret ", "their-controller"]);
    assert_eq!(keys(&server), ["theirs"]);
}

#[test]
fn a_list_that_is_older_than_what_others_wrote_deletes_nothing_of_it() {
    const COUNT: usize = 12;
    let (server, workspace) = scene();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"s\" {{\n  count = {COUNT}\n  namespace = \"a\"\n  name = \"s-${{count.index}}\"\n  files = {{ key = \"{file}\" }}\n}}\n"
    ));
    workspace.apply().succeeds();
    let all = "/api/v1/namespaces/a/secrets";
    let listed = server.list(all);
    for index in 0..COUNT {
        let mut theirs = manifest(&[("theirs", "stays")]);
        theirs["metadata"]["name"] = json!(format!("s-{index}"));
        server.apply_as("their-controller", &theirs);
    }
    server.answers(all, Some((200, listed)));
    let before = server.lines().len();
    workspace.terraform(&["destroy", "-json", "-auto-approve", "-refresh=false"]).succeeds().warning(&[
        "The object was not deleted",
        "Secret ",
        "their-controller",
    ]);
    let lines = server.lines().split_off(before);
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(count(&format!("GET {all}")) - count(&format!("GET {all}/")), 1, "{lines:?}");
    assert_eq!(count("DELETE"), COUNT - 6, "those that the list answered for: {lines:?}");
    for index in 0..COUNT {
        let left = server.secret("a", &format!("s-{index}")).expect("theirs stays");
        assert_eq!(left["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["theirs"]);
    }
}
