//! How targets are written, and what is refused of them.

use super::super::super::target::Named;
use super::*;

#[test]
fn kinds_are_named_as_kubectl_does() {
    let named = |text: &str| match Named::read(text) {
        Ok(Named::BuiltIn(kind)) => format!("built in {kind}"),
        Ok(Named::Ruled(rule)) => format!("rule {}", rule.full_name()),
        Ok(Named::Other(kind, group)) => format!("other {kind} of {group}"),
        Err(problem) => problem,
    };
    assert_eq!(named("Deployment.apps"), "built in Deployment");
    assert_eq!(named("deployments.apps"), "built in Deployment");
    assert_eq!(named("Deployment"), "built in Deployment");
    assert_eq!(named("CustomResourceDefinition.apiextensions.k8s.io"), "built in CRD");
    assert_eq!(named("Kustomization.kustomize.toolkit.fluxcd.io"), "built in Kustomization");
    assert_eq!(named("certificates.cert-manager.io"), "rule Certificate.cert-manager.io");
    assert_eq!(named("Job"), "rule Job.batch");
    assert_eq!(
        named("pvc"),
        "\"pvc\" is not a kind of the core API group. Write \"Kind.group\", such as \"Certificate.cert-manager.io\"."
    );
    assert_eq!(named("ConfigMap"), "rule ConfigMap");
    assert_eq!(named("Thing.example.com"), "other Thing of example.com");
    assert_eq!(named("Certificate"), "\"Certificate\" needs its API group: write \"Certificate.cert-manager.io\".");
    assert_eq!(
        named("ExternalSecret"),
        "\"ExternalSecret\" needs its API group: write \"ExternalSecret.external-secrets.io\"."
    );
    assert_eq!(
        named("Thing.v1beta1.example.com"),
        "\"Thing.v1beta1.example.com\" names a version. Leave it out: \"Thing.example.com\"."
    );
}

#[test]
fn what_cannot_be_right_is_refused_at_its_path() {
    let of = |entry: Datum| problems(&[("objects", Datum::List(vec![entry]))]);
    let good = objects("Thing.example.com", &["*", "a/*", "a/b", "c"], &[("Ready", "True")], &[("status.phase", "x")]);
    assert_eq!(of(good), [""; 0]);
    assert_eq!(problems(&[("api_server", true.into())]), [""; 0], "nothing else is needed");
    assert_eq!(problems(&[("nodes_at_least", 3.into())]), [""; 0]);
    for (entry, path, words) in [
        (objects("apps/v1", &["*"], &[], &[]), "objects[0].kind", "\"Kind.group\""),
        (objects("Certificate", &["*"], &[], &[]), "objects[0].kind", "needs its API group"),
        (objects("Thing.example.com", &[], &[], &[]), "objects[0].names", "no elements"),
        (objects("Thing.example.com", &["*", "a/b/c"], &[], &[]), "objects[0].names[1]", "namespace/name"),
        (objects("Job.batch", &["migrate"], &[], &[]), "objects[0].names[0]", "has a namespace"),
        (objects("ClusterIssuer.cert-manager.io", &["a/b"], &[], &[]), "objects[0].names[0]", "has no namespace"),
        (objects("Deployment.apps", &["b"], &[], &[]), "objects[0].names[0]", "has a namespace"),
        (objects("Thing.example.com", &["*"], &[("Ready", "true")], &[]), "objects[0].conditions[\"Ready\"]", "one of"),
        (
            objects("Thing.example.com", &["*"], &[], &[("status..x", "y")]),
            "objects[0].fields[\"status..x\"]",
            "dotted path",
        ),
        (
            objects("Secret", &["a/b"], &[], &[("data.password", "x")]),
            "objects[0].fields[\"data.password\"]",
            "not read",
        ),
    ] {
        let found = of(entry);
        assert!(found.len() == 1 && found[0].starts_with(path) && found[0].contains(words), "{path}: {found:?}");
    }
    let none = problems(&[]);
    assert!(none.len() == 1 && none[0].contains("objects"), "{none:?}");
    let bad = problems(&[("nodes", list(&["a/b"])), ("nodes_at_least", 0.into())]);
    assert!(bad.len() == 2 && bad[0].starts_with("nodes[0]") && bad[1].starts_with("nodes_at_least"), "{bad:?}");
}
