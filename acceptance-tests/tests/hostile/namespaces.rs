//! A namespace that was made for a Secret goes with it only where nothing else is in it for sure.

use acceptance_tests::{FakeCluster, Workspace};
use serde_json::{Value, json};

use super::adoption::one_file;

/// An object of somebody else, of a kind that this server's discovery may tell of, or not.
const THEIRS: &str = "/apis/a.example/v1/namespaces/a/things/theirs";

fn group(freshness: &str, resources: &Value) -> (u16, Value) {
    let version = json!({"version": "v1", "freshness": freshness, "resources": resources});
    let group = json!({"metadata": {"name": "a.example"}, "versions": [version]});
    (200, json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": [group]}))
}

fn things(verbs: &[&str]) -> Value {
    json!([{"resource": "things", "responseKind": {"group": "a.example", "version": "v1", "kind": "Thing"},
        "scope": "Namespaced", "verbs": verbs}])
}

/// A server on which the provider has made the namespace `a` and a Secret in it.
fn made() -> (FakeCluster, Workspace) {
    let (server, workspace) = (FakeCluster::start(), Workspace::without_cluster(""));
    workspace.provider_block(&server.block());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, "  create_namespace = true"));
    workspace.apply().succeeds();
    (server, workspace)
}

#[test]
fn what_discovery_does_not_show_keeps_the_namespace() {
    let forbidden = json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"});
    let legacy = json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "a.example",
        "versions": [{"groupVersion": "a.example/v1", "version": "v1"}]}]});
    for (path, answer) in [
        ("/apis", (200, legacy)),
        ("/apis", (200, json!({}))),
        ("/apis", (403, forbidden.clone())),
        ("/apis", (406, json!({"kind": "Status", "code": 406, "message": "not acceptable"}))),
        ("/apis", group("Stale", &json!([]))),
        ("/apis", group("Current", &json!([]))),
        ("/apis", group("Current", &things(&["delete", "deletecollection"]))),
        ("/api", (200, json!({"kind": "APIVersions", "versions": ["v1"]}))),
    ] {
        let (server, workspace) = made();
        server.put(THEIRS, json!({"metadata": {"name": "theirs"}}));
        server.answers(path, Some(answer.clone()));
        let destroyed = workspace.destroy().succeeds();
        destroyed.warning(&["namespace was not deleted", "Namespace a", "counts as existing"]);
        assert!(server.namespace("a").is_some() && server.at(THEIRS).is_some(), "{path}: {answer:?}: {destroyed}");
        assert_eq!((server.secret("a", "one"), workspace.addresses()), (None, vec![]));
    }
}

#[test]
fn what_cannot_be_listed_keeps_the_namespace() {
    let status = |code: u16| json!({"kind": "Status", "code": code, "message": "no"});
    for answer in [(403, status(403)), (406, status(406)), (500, status(500)), (200, json!({})), (200, status(200))] {
        let (server, workspace) = made();
        server.put(THEIRS, json!({"metadata": {"name": "theirs"}}));
        server.answers("/apis", Some(group("Current", &things(&["list", "delete"]))));
        server.answers("/apis/a.example/v1/namespaces/a/things", Some(answer.clone()));
        workspace.destroy().succeeds().warning(&[
            "namespace was not deleted",
            "things.a.example",
            "counts as existing",
        ]);
        assert!(server.namespace("a").is_some() && server.at(THEIRS).is_some(), "{answer:?}");
    }
}

#[test]
fn control_what_is_seen_is_named_and_an_empty_namespace_goes() {
    let (server, workspace) = made();
    server.answers("/apis", Some(group("Current", &things(&["list", "delete"]))));
    server.put(THEIRS, json!({"metadata": {"name": "theirs"}}));
    workspace.destroy().succeeds().warning(&["namespace was not deleted", "still holds Thing theirs"]);
    assert!(server.at(THEIRS).is_some());

    let (server, workspace) = made();
    server.answers("/apis", Some(group("Current", &things(&["list", "delete"]))));
    let destroyed = workspace.destroy().succeeds();
    assert_eq!((server.namespace("a"), destroyed.warnings()), (None, vec![]));
}

#[test]
fn a_namespace_that_kubectl_has_applied_since_stays() {
    let (server, workspace) = made();
    let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"});
    let declared =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "annotations": annotations}});
    server.update_as("kubectl-client-side-apply", &declared);
    workspace.destroy().succeeds().warning(&["namespace was not deleted", "kubectl-client-side-apply"]);
    assert!(server.namespace("a").is_some());
}
