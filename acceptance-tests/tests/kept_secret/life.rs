//! A first copy, nothing to do, a copy that moved on, destroy.

use super::*;

#[test]
fn a_live_secret_is_copied_and_moves_on_and_is_left_where_it_is() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("kept"), Place::free(&vault), workspace(&vault));
    let first = workspace.secret();
    make(&namespace, &first);
    workspace.hcl(&one(&namespace, &place, ""));
    let planned = workspace.plan().succeeds().only("create", ONE);
    assert_eq!(planned.warnings(), [""; 0]);
    workspace.apply().succeeds();
    let fields = place.fields().unwrap();
    assert_eq!(fields["format"], "tazlab.io/kept-secret/v1");
    assert_eq!((&fields["namespace"], &fields["name"]), (&json!(namespace.name()), &json!("one")));
    assert_eq!(place.content("key"), first.as_bytes());
    let attributes = workspace.attributes(ONE);
    assert_eq!((&attributes["kept_version"], &attributes["restored"]), (&json!(1), &json!(false)));
    assert!(attributes["kept_at"].is_string() && attributes["expires_at"].is_null());
    assert_eq!(workspace.plan().succeeds().changes_nothing().code, Some(0));

    // It moves on: an update that writes Vault only.
    let second = workspace.secret();
    make(&namespace, &second);
    let before = namespace.secret("one").unwrap()["metadata"]["resourceVersion"].clone();
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&[ONE, "A newer copy will be kept", "Apply writes the copy to Vault, and nothing to the cluster."]);
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), second.as_bytes());
    assert_eq!(workspace.attributes(ONE)["kept_version"], 2);
    assert_eq!(namespace.secret("one").unwrap()["metadata"]["resourceVersion"], before);
    workspace.plan().succeeds().changes_nothing();

    // What moves on before a destroy is copied by it.
    let third = workspace.secret();
    make(&namespace, &third);
    let destroyed = workspace.destroy().succeeds();
    assert_eq!(destroyed.warnings(), [""; 0]);
    assert_eq!((place.content("key"), place.version()), (third.as_bytes().to_vec(), Some(3)));
    assert_eq!(namespace.contents("one")["key"], third.as_bytes());
}

#[test]
fn until_there_is_a_first_copy_the_plan_is_not_empty() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::named("first"), Place::free(&vault), workspace(&vault));
    workspace.hcl(&one(&namespace, &place, "  create_namespace = true"));
    workspace.apply().succeeds().warning(&["There is no copy yet", "apply again once it exists"]);
    assert!(namespace.exists() && place.version().is_none());
    assert!(workspace.attributes(ONE)["kept_version"].is_null());
    workspace.plan().succeeds().only("update", ONE).warning(&["There is no copy yet"]);
    let content = workspace.secret();
    make(&namespace, &content);
    workspace.plan().succeeds().only("update", ONE).warning(&["A newer copy will be kept"]);
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), content.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    delete(&namespace);
    // The namespace was made for it, and is empty again.
    workspace.destroy().succeeds();
    assert!(!namespace.exists() && place.fields().is_some());
}

#[test]
fn a_copy_can_be_forgotten() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("forget"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "  forget_copy = true");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(place.version(), None, "all versions are gone");
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
}

#[test]
fn a_block_that_is_renamed_without_moved_does_not_forget_the_copy() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("renamed"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "  forget_copy = true");
    let moved_on = workspace.secret();
    make(&namespace, &moved_on);
    let renamed = one(&namespace, &place, "  forget_copy = true").replace("\"one\" {", "\"two\" {");
    workspace.hcl(&renamed);
    let applied = workspace.apply();
    // In whichever order: either the create writes first and the delete keeps away, or the copy is made anew.
    let _ = applied.succeeds();
    assert_eq!(place.content("key"), moved_on.as_bytes());
    assert_ne!(content, moved_on);
}

#[test]
fn a_saved_plan_does_what_is_right_when_it_is_applied() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("saved"), Place::free(&vault), workspace(&vault));
    let first = kept(&workspace, &namespace, &place, "");
    let second = workspace.secret();
    make(&namespace, &second);
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    // It moves on once more, and back to what is copied.
    let third = workspace.secret();
    make(&namespace, &third);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(place.content("key"), third.as_bytes());
    make(&namespace, &second);
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    make(&namespace, &third);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!((place.content("key"), place.version()), (third.as_bytes().to_vec(), Some(2)));
    assert_ne!(first, third);
    workspace.plan().succeeds().changes_nothing();
}
