use serde_json::{Value, json};
use tazlab_clients::kubernetes::{Kind, ServedKind};

use super::super::kind::ObjectKind::{
    ClusterSecretStore, Crd, EndpointSlice, ExternalSecret, Kustomization, Proxy, SecretStore, Service,
};
use super::super::picture::{Known, Picture, Told};
use super::super::pods::Troubled;
use super::super::report::Report;
use super::super::warnings::Warning;
use super::{failed, id, object, picture, ready, sighting, wanted};

fn depending(name: &str, on: &[&str]) -> Value {
    let depends: Vec<Value> = on.iter().map(|name| json!({"name": name})).collect();
    object(name, &failed("DependencyNotReady", "dependency is not ready"), &json!({"dependsOn": depends}))
}

fn problems(picture: &Picture, arguments: &[(&str, &[&str])]) -> Vec<String> {
    Report::of(picture, &wanted(arguments)).problems().to_vec()
}

#[test]
fn root_causes_come_first_those_before_the_others_that_most_wait_for() {
    let all = picture(&[
        (Kustomization, depending("f/apps", &["infra"])),
        (Kustomization, depending("f/aaa", &["apps"])),
        (Kustomization, object("f/infra", &failed("BuildFailed", "no such file"), &json!({}))),
        (Kustomization, object("f/lone", &failed("ArtifactFailed", "not found"), &json!({}))),
        (Kustomization, object("f/good", &ready(), &json!({}))),
    ]);
    let report = Report::of(&all, &wanted(&[("flux_kustomizations", &["*"])]));
    assert_eq!(
        report.problems(),
        [
            "Kustomization f/infra: BuildFailed: no such file (2 others wait for it)",
            "Kustomization f/lone: ArtifactFailed: not found",
            "Kustomization f/aaa: DependencyNotReady: dependency is not ready",
            "Kustomization f/apps: DependencyNotReady: dependency is not ready",
        ]
    );
    assert_eq!(report.summary(), "1/5 Kustomizations Ready");
    assert_eq!(report.path().to_string(), "flux_kustomizations");
    assert!(!report.is_ready() && !report.is_hopeless());
}

#[test]
fn a_cause_that_nobody_asked_for_is_told_too() {
    let all = picture(&[
        (Kustomization, depending("f/apps", &["infra"])),
        (Kustomization, object("f/infra", &failed("BuildFailed", "no"), &json!({}))),
    ]);
    let told = problems(&all, &[("flux_kustomizations", &["f/apps"])]);
    assert_eq!(told[0], "Kustomization f/infra: BuildFailed: no (1 other waits for it)");
    assert_eq!(told.len(), 2);
}

#[test]
fn what_waits_for_something_that_is_not_there_is_a_cause_and_so_is_a_circle() {
    let missing = picture(&[(Kustomization, depending("f/apps", &["nowhere"]))]);
    assert_eq!(
        problems(&missing, &[("flux_kustomizations", &["*"])]),
        ["Kustomization f/apps: DependencyNotReady: dependency is not ready"]
    );
    let circle = picture(&[
        (Kustomization, depending("f/a", &["b"])),
        (Kustomization, depending("f/b", &["a"])),
        (Kustomization, depending("f/c", &["a"])),
    ]);
    let told = problems(&circle, &[("flux_kustomizations", &["*"])]);
    assert!(told[0].contains("(it waits, by way of others, for itself) (2 others wait for it)"), "{told:?}");
    assert!(told[1].contains("for itself"), "{told:?}");
}

#[test]
fn suspended_objects_are_named_apart_unless_they_are_named() {
    let suspended = object("f/apps", &ready(), &json!({"suspend": true}));
    let both = picture(&[(Kustomization, suspended.clone()), (Kustomization, object("f/infra", &ready(), &json!({})))]);
    let report = Report::of(&both, &wanted(&[("flux_kustomizations", &["*"])]));
    assert!(report.is_ready());
    assert_eq!(report.summary(), "1/1 Kustomizations Ready; suspended: Kustomization f/apps");
    assert_eq!(report.suspended(), ["Kustomization f/apps"]);
    let told = problems(&both, &[("flux_kustomizations", &["f/apps"])]);
    assert!(told.len() == 1 && told[0].contains("it is suspended"), "{told:?}");
    let alone = picture(&[(Kustomization, suspended)]);
    assert_eq!(problems(&alone, &[("flux_kustomizations", &["*"])]), ["Kustomization *: none exists"]);
}

#[test]
fn all_is_not_met_by_none_and_stores_are_counted_together() {
    let mut nothing = Picture::default();
    nothing.see(Kustomization, Told::All(Vec::new()));
    let told = problems(&nothing, &[("flux_kustomizations", &["*", "f/*", "f/apps"]), ("external_secrets", &["*"])]);
    assert_eq!(
        told,
        [
            "Kustomization *: none exists",
            "Kustomization f/*: none exists",
            "Kustomization f/apps: it does not exist",
            "ExternalSecret *: the cluster does not serve this kind: CRD externalsecrets.external-secrets.io does not exist",
        ]
    );
    let stores = picture(&[(ClusterSecretStore, object("s", &ready(), &json!({})))]);
    let report = Report::of(&stores, &wanted(&[("secret_stores", &["*"])]));
    assert!(report.is_ready(), "{:?}", report.problems());
    assert_eq!(report.summary(), "1/1 SecretStores Valid");
    let both = picture(&[
        (ClusterSecretStore, object("s", &ready(), &json!({}))),
        (SecretStore, object("a/s", &failed("InvalidProviderConfig", "no"), &json!({}))),
    ]);
    let report = Report::of(&both, &wanted(&[("secret_stores", &["s", "a/s"])]));
    assert_eq!(report.summary(), "1/2 SecretStores Valid");
}

#[test]
fn secrets_wait_for_their_store_and_a_kind_for_its_crd() {
    let spec = json!({"secretStoreRef": {"name": "s", "kind": "ClusterSecretStore"}});
    let secret = |name| object(name, &failed("SecretSyncedError", "store is not ready"), &spec);
    let all = picture(&[
        (ExternalSecret, secret("a/one")),
        (ExternalSecret, secret("a/two")),
        (ClusterSecretStore, object("s", &failed("ValidationFailed", "permission denied"), &json!({}))),
    ]);
    let told = problems(&all, &[("external_secrets", &["*"]), ("secret_stores", &["s"])]);
    assert_eq!(told[0], "ClusterSecretStore s: ValidationFailed: permission denied (2 others wait for it)");
    // Its condition says that it failed, and an event says why.
    let mut failing = object("a/one", &failed("SecretSyncedError", "could not get secret data from provider"), &spec);
    failing["metadata"]["uid"] = json!("u1");
    let mut explained = picture(&[(ExternalSecret, failing)]);
    let event = json!({"involvedObject": {"uid": "u1"}, "reason": "UpdateFailed", "message": "Secret does not exist"});
    explained.warnings = Warning::latest(vec![serde_json::from_value(event).unwrap()]);
    let line = "ExternalSecret a/one: SecretSyncedError: could not get secret data from provider; UpdateFailed: Secret does not exist";
    assert_eq!(problems(&explained, &[("external_secrets", &["*"])]), [line]);
    let mut no_kind = Picture::default();
    no_kind.see(Crd, Told::All(Vec::new()));
    let told =
        problems(&no_kind, &[("external_secrets", &["a/one"]), ("crds", &["externalsecrets.external-secrets.io"])]);
    assert_eq!(told[0], "CRD externalsecrets.external-secrets.io: it does not exist (1 other waits for it)");
}

#[test]
fn a_kind_that_cannot_be_listed_is_one_line_and_hopeless() {
    let mut hidden = Picture::default();
    hidden.know(ExternalSecret, Known::Hidden { why: "forbidden".to_owned(), is_final: true });
    let report = Report::of(&hidden, &wanted(&[("external_secrets", &["*", "a/b"])]));
    assert_eq!(report.problems(), ["ExternalSecret *: they cannot be listed: forbidden"]);
    assert!(report.is_hopeless());
    hidden.know(ExternalSecret, Known::Hidden { why: "its webhook is not there".to_owned(), is_final: false });
    let report = Report::of(&hidden, &wanted(&[("external_secrets", &["*"])]));
    assert!(!report.is_ready() && !report.is_hopeless(), "a newborn cluster heals");
}

#[test]
fn an_egress_is_ready_with_the_pod_of_its_proxy() {
    let service = json!({
        "metadata": {"namespace": "a", "name": "vault", "annotations": {"tailscale.com/tailnet-fqdn": "f"}},
        "spec": {"type": "ExternalName", "externalName": "ts-vault.tailscale.svc.cluster.local"},
        "status": {"conditions": [{"type": "TailscaleProxyReady", "status": "True", "reason": "ProxyCreated"}]},
    });
    let proxy = |parent: &str, available: i64| {
        json!({
            "metadata": {"namespace": "tailscale", "name": "ts-vault", "uid": "u1", "generation": 1,
                         "labels": {"tailscale.com/parent-resource": parent, "tailscale.com/parent-resource-ns": "a"}},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "p"}}},
            "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": available},
        })
    };
    let with = |proxy: Value| picture(&[(Service, service.clone()), (Proxy, proxy)]);
    let asked: &[(&str, &[&str])] = &[("services", &["a/vault"])];
    assert_eq!(problems(&with(proxy("vault", 1)), asked), [""; 0]);
    let none = problems(&with(proxy("other", 1)), asked);
    assert_eq!(none, ["Service a/vault: the Tailscale operator has not created its proxy yet"]);
    let mut unready = with(proxy("vault", 0));
    let line = "Service a/vault: its proxy is StatefulSet tailscale/ts-vault: 0 of 1 pods are available";
    assert_eq!(problems(&unready, asked), [line]);
    // Why there is no pod.
    let event = |uid: &str, message: &str, at: &str| {
        let event =
            json!({"involvedObject": {"uid": uid}, "reason": "FailedCreate", "message": message, "lastTimestamp": at});
        serde_json::from_value(event).unwrap()
    };
    let refused = "create Pod a-0 in StatefulSet a failed error: pods \"a-0\" is forbidden: violates PodSecurity \"baseline:latest\"";
    unready.warnings = Warning::latest(vec![
        event("u1", refused, "2026-01-01T00:00:02Z"),
        event("u1", "exceeded quota", "2026-01-01T00:00:01Z"),
        event("u2", "of another", "2026-01-01T00:00:03Z"),
    ]);
    let report = Report::of(&unready, &wanted(asked));
    assert_eq!(report.problems(), [format!("{line}; FailedCreate: {refused}")]);
    assert!(report.is_hopeless());
    // A pod that is there says more than that there was none.
    let pod = json!({"metadata": {"namespace": "tailscale", "name": "ts-vault-0", "labels": {"app": "p"}},
                     "status": {"containerStatuses": [{"name": "c", "ready": false, "restartCount": 1, "image": "", "imageID": "",
                        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                        "lastState": {"terminated": {"exitCode": 1, "message": "no such flag\n"}}}]}});
    unready.troubled = Troubled::of(serde_json::from_value(pod).unwrap()).into_iter().collect();
    let report = Report::of(&unready, &wanted(asked));
    let pod = "pod ts-vault-0: CrashLoopBackOff: back-off (it ended with exit code 1: no such flag)";
    assert_eq!(report.problems(), [format!("{line}; {pod}")]);
    assert!(!report.is_hopeless());
}

#[test]
fn a_service_is_ready_with_a_pod_behind_it_and_a_crd_when_it_is_served() {
    let service = json!({"metadata": {"namespace": "a", "name": "b"}, "spec": {"type": "ClusterIP"}, "status": {}});
    let slice = |ready: bool| {
        json!({
            "metadata": {"namespace": "a", "name": "b-1", "labels": {"kubernetes.io/service-name": "b"}},
            "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": ready}}],
        })
    };
    for (is_ready, slice) in [(true, slice(true)), (false, slice(false))] {
        let all = picture(&[(Service, service.clone()), (EndpointSlice, slice)]);
        assert_eq!(Report::of(&all, &wanted(&[("services", &["a/b"])])).is_ready(), is_ready);
    }
    let crd = json!({"metadata": {"name": "xs.g"}, "spec": {"group": "g", "names": {"plural": "xs"}},
                     "status": {"conditions": [{"type": "Established", "status": "True"}]}});
    let mut all = picture(&[(Crd, crd)]);
    let asked: &[(&str, &[&str])] = &[("crds", &["xs.g"])];
    assert_eq!(problems(&all, asked), ["CRD xs.g: it is established, and its kind is not served yet"]);
    assert!(all.awaits_serving());
    let text = |text: &str| text.to_owned();
    let kind = Kind { group: text("g"), version: text("v1"), kind: text("X"), plural: text("xs") };
    all.served = vec![ServedKind { kind, namespaced: true }];
    assert!(problems(&all, asked).is_empty() && !all.awaits_serving());
}

#[test]
fn what_watches_tell_changes_the_picture() {
    let asked: &[(&str, &[&str])] = &[("flux_kustomizations", &["*"])];
    let mut all = picture(&[(Kustomization, object("f/a", &failed("BuildFailed", "m"), &json!({})))]);
    all.see(Kustomization, Told::Changed(sighting(Kustomization, &object("f/a", &ready(), &json!({})))));
    assert!(problems(&all, asked).is_empty());
    all.see(Kustomization, Told::Lost("gone away".to_owned()));
    assert!(problems(&all, asked).is_empty(), "what was seen stays");
    all.see(Kustomization, Told::Gone(id("f/a")));
    assert_eq!(problems(&all, asked), ["Kustomization *: none exists"]);
}

#[test]
fn an_attempt_does_not_hide_how_the_last_one_went() {
    let asked: &[(&str, &[&str])] = &[("flux_kustomizations", &["*"])];
    let told = |all: &Picture| problems(all, asked).join("");
    let trying = json!({"type": "Ready", "status": "Unknown", "reason": "Progressing", "message": "in progress"});
    let mut all = picture(&[(Kustomization, object("f/a", &trying, &json!({})))]);
    assert_eq!(told(&all), "Kustomization f/a: Progressing: in progress");
    let mut see = |condition: &Value| {
        let object = object("f/a", condition, &json!({}));
        all.see(Kustomization, Told::Changed(sighting(Kustomization, &object)));
        told(&all)
    };
    assert_eq!(see(&failed("BuildFailed", "m")), "Kustomization f/a: BuildFailed: m");
    assert_eq!(see(&trying), "Kustomization f/a: BuildFailed: m");
    assert_eq!(see(&trying), "Kustomization f/a: BuildFailed: m");
    assert_eq!(see(&failed("ArtifactFailed", "n")), "Kustomization f/a: ArtifactFailed: n");
    assert_eq!(see(&ready()), "");
    assert_eq!(see(&trying), "Kustomization f/a: Progressing: in progress");
}

#[test]
fn lists_and_watches_are_as_narrow_as_what_is_asked_for() {
    let scope = |argument, texts: &[&str], kind| {
        let asked = wanted(&[(argument, texts)]);
        let (namespace, name) = asked.scope(kind);
        (namespace.map(ToOwned::to_owned), name.map(ToOwned::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(scope("services", &["a/b"], Service), (some("a"), some("b")));
    assert_eq!(scope("services", &["a/b"], EndpointSlice), (some("a"), None));
    assert_eq!(scope("services", &["a/b", "a/c"], Service), (some("a"), None));
    assert_eq!(scope("services", &["a/b", "c/*"], Service), (None, None));
    assert_eq!(scope("services", &["a/*"], Service), (some("a"), None));
    assert_eq!(scope("services", &["*"], Service), (None, None));
    assert_eq!(scope("services", &["a/b"], Proxy), (None, None), "it is where the operator is");
    assert_eq!(scope("crds", &["x.y"], Crd), (None, some("x.y")));
    assert_eq!(scope("flux_kustomizations", &["a/b"], Kustomization), (None, None), "its dependencies may be anywhere");
    assert_eq!(wanted(&[("secret_stores", &["s"])]).looked_at(), [ClusterSecretStore]);
    assert_eq!(wanted(&[("secret_stores", &["*"])]).looked_at(), [ClusterSecretStore, SecretStore]);
}
