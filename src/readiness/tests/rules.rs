//! Statuses as controllers write them; where each is read stands in the rule's `source`, which the reference shows.

mod databases;
mod network;

use serde_json::{Value, json};

use super::super::rules::{Rule, View};
use super::super::sighting::{Reason, Standing};

/// The rule's word of an object: an empty text when it is ready.
fn word(kind: &str, object: &Value) -> String {
    let (name, group) = kind.split_once('.').unwrap_or((kind, ""));
    match Rule::of(name, group).unwrap_or_else(|| panic!("{kind} has no rule")).judge(View(object)).standing {
        Standing::Ready => String::new(),
        Standing::NotReady(reason) => reason.to_string(),
        Standing::Suspended => "suspended".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn reason(kind: &str, object: &Value) -> Reason {
    let (name, group) = kind.split_once('.').unwrap_or((kind, ""));
    match Rule::of(name, group).unwrap().judge(View(object)).standing {
        Standing::NotReady(reason) => reason,
        other => panic!("{other:?}"),
    }
}

fn links(kind: &str, object: &Value) -> Vec<String> {
    let (name, group) = kind.split_once('.').unwrap();
    let links = Rule::of(name, group).unwrap().judge(View(object)).links;
    links.iter().map(|link| format!("{} {}", link.kind, link.id)).collect()
}

fn of(spec: &Value, status: &Value) -> Value {
    json!({"metadata": {"namespace": "a", "name": "b", "generation": 2}, "spec": spec, "status": status})
}

fn saying(conditions: &[(&str, &str, i64)]) -> Value {
    let all: Vec<Value> = conditions
        .iter()
        .map(|(kind, status, observed)| {
            json!({"type": kind, "status": status, "reason": "R", "message": "m", "observedGeneration": observed})
        })
        .collect();
    json!({ "conditions": all })
}

const UNSEEN: &str = "its controller has not reported on it yet";
const STALE: &str = "its controller has not observed its latest change yet";

#[test]
fn every_rule_refuses_an_object_that_no_controller_has_seen_or_says_that_it_only_exists() {
    let exist = ["CronJob", "Ingress"];
    for rule in Rule::all().filter(|rule| !rule.counted.is_empty()) {
        let judged =
            rule.judge(View(&json!({"metadata": {"namespace": "a", "name": "b", "generation": 1}, "spec": {}})));
        let is_route = rule.kind.ends_with("Route");
        let is_ready = judged.standing == Standing::Ready;
        assert_eq!(is_ready, exist.contains(&rule.kind) || is_route, "{}", rule.full_name());
        assert_eq!(judged.only_exists, is_route, "{}", rule.full_name());
    }
}

#[test]
fn a_condition_counts_for_the_latest_change_only() {
    let kinds = [
        ("Certificate.cert-manager.io", "Ready"),
        ("Issuer.cert-manager.io", "Ready"),
        ("ClusterIssuer.cert-manager.io", "Ready"),
        ("FluxInstance.fluxcd.controlplane.io", "Ready"),
        ("ResourceSet.fluxcd.controlplane.io", "Ready"),
        ("VaultStaticSecret.secrets.hashicorp.com", "Ready"),
        ("VaultAuth.secrets.hashicorp.com", "Ready"),
        ("ProxyClass.tailscale.com", "ProxyClassReady"),
        ("ProxyGroup.tailscale.com", "ProxyGroupReady"),
        ("DNSConfig.tailscale.com", "NameserverReady"),
        ("GatewayClass.gateway.networking.k8s.io", "Accepted"),
    ];
    for (kind, condition) in kinds {
        assert_eq!(word(kind, &of(&json!({}), &saying(&[(condition, "True", 2)]))), "", "{kind}");
        assert_eq!(word(kind, &of(&json!({}), &saying(&[(condition, "True", 1)]))), STALE, "{kind}");
        let no = word(kind, &of(&json!({}), &saying(&[(condition, "False", 2)])));
        assert!(no.starts_with("R: ") && no.ends_with('m'), "{kind}: {no}");
        assert_eq!(word(kind, &of(&json!({}), &json!({}))), UNSEEN, "{kind}");
    }
    assert_eq!(word("Node", &of(&json!({}), &json!({"conditions": [{"type": "Ready", "status": "True"}]}))), "");
}

#[test]
fn a_job_is_complete_and_not_only_started() {
    let job = |spec: Value, status: Value| of(&spec, &status);
    let started = job(json!({"completions": 3}), json!({"active": 1, "succeeded": 1, "failed": 2}));
    assert_eq!(word("Job.batch", &started), "1 of 3 pods have completed; 2 have failed");
    assert_eq!(word("Job.batch", &job(json!({}), json!({"conditions": [{"type": "Complete", "status": "True"}]}))), "");
    let failed =
        json!({"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}]});
    let failed = reason("Job.batch", &job(json!({}), failed));
    assert!(failed.is_final && failed.to_string() == "BackoffLimitExceeded: m", "{failed}");
    assert_eq!(word("Job.batch", &job(json!({"suspend": true}), json!({}))), "suspended");
}

#[test]
fn a_claim_is_bound_pending_or_lost() {
    let claim = |phase: &str| of(&json!({}), &json!({ "phase": phase }));
    assert_eq!(word("PersistentVolumeClaim", &claim("Bound")), "");
    assert!(word("PersistentVolumeClaim", &claim("Pending")).contains("WaitForFirstConsumer"));
    assert!(!reason("PersistentVolumeClaim", &claim("Pending")).is_final);
    assert!(reason("PersistentVolumeClaim", &claim("Lost")).is_final);
}

#[test]
fn flux_sources_have_an_artifact_and_oci_helm_repositories_no_status() {
    let group = "source.toolkit.fluxcd.io";
    for kind in ["GitRepository", "OCIRepository", "Bucket", "HelmRepository", "HelmChart"] {
        let kind = format!("{kind}.{group}");
        let status = |observed: i64| {
            json!({"observedGeneration": observed, "artifact": {"revision": "main@sha1:0"},
                   "conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded", "observedGeneration": 2}]})
        };
        assert_eq!(word(&kind, &of(&json!({}), &status(2))), "", "{kind}");
        assert_eq!(word(&kind, &of(&json!({}), &status(1))), STALE, "{kind}");
        let mut none = status(2);
        none.as_object_mut().unwrap().remove("artifact");
        assert_eq!(word(&kind, &of(&json!({}), &none)), "it has fetched no artifact yet", "{kind}");
        assert_eq!(word(&kind, &of(&json!({"suspend": true}), &none)), "suspended", "{kind}");
        let stalled = saying(&[("Stalled", "True", 2), ("Ready", "False", 2)]);
        assert!(reason(&kind, &of(&json!({}), &stalled)).is_final, "{kind}");
        let working = saying(&[("Reconciling", "True", 2), ("Ready", "Unknown", 2)]);
        assert!(reason(&kind, &of(&json!({}), &working)).is_passing, "{kind}");
        assert_eq!(word(&kind, &of(&json!({}), &json!({"observedGeneration": -1}))), STALE, "{kind}");
    }
    let oci = of(&json!({"type": "oci"}), &json!({}));
    let judged = Rule::of("HelmRepository", group).unwrap().judge(View(&oci));
    assert!(judged.standing == Standing::Ready && judged.only_exists);
    let chart = of(&json!({"sourceRef": {"kind": "HelmRepository", "name": "r"}}), &json!({}));
    assert_eq!(links(&format!("HelmChart.{group}"), &chart), ["HelmRepository a/r"]);
}

#[test]
fn a_flux_instance_that_is_told_to_rest_is_suspended() {
    let mut instance = of(&json!({}), &json!({}));
    instance["metadata"]["annotations"] = json!({"fluxcd.controlplane.io/reconcile": "disabled"});
    assert_eq!(word("FluxInstance.fluxcd.controlplane.io", &instance), "suspended");
}

#[test]
fn an_application_of_argo_cd_is_healthy_and_synced() {
    let kind = "Application.argoproj.io";
    let app =
        |health: &str, sync: &str| of(&json!({}), &json!({"health": {"status": health}, "sync": {"status": sync}}));
    assert_eq!(word(kind, &app("Healthy", "Synced")), "");
    assert_eq!(word(kind, &app("Healthy", "OutOfSync")), "health is Healthy, sync is OutOfSync");
    assert!(reason(kind, &app("Progressing", "Synced")).is_passing);
    assert_eq!(word(kind, &of(&json!({}), &json!({}))), "health is not known yet, sync is not known yet");
    let mut broken = app("Degraded", "Unknown");
    broken["status"]["conditions"] = json!([{"type": "ComparisonError", "message": "authentication required"}]);
    broken["status"]["operationState"] = json!({"phase": "Failed", "message": "one or more objects failed to apply"});
    assert_eq!(
        word(kind, &broken),
        "health is Degraded, sync is Unknown; ComparisonError: authentication required; its last operation has failed: one or more objects failed to apply"
    );
}

#[test]
fn a_certificate_says_how_its_last_attempt_went_and_waits_for_its_issuer() {
    let kind = "Certificate.cert-manager.io";
    let mut status = saying(&[("Ready", "False", 2), ("Issuing", "False", 2)]);
    status["failedIssuanceAttempts"] = json!(3);
    let spec = |kind: &str| json!({"issuerRef": {"name": "letsencrypt", "kind": kind}});
    let word = word(kind, &of(&spec("ClusterIssuer"), &status));
    assert_eq!(word, "R: m; 3 attempts have failed (R: m), the next one may be up to 32 hours away");
    assert_eq!(links(kind, &of(&spec("ClusterIssuer"), &status)), ["ClusterIssuer letsencrypt"]);
    assert_eq!(links(kind, &of(&json!({"issuerRef": {"name": "own"}}), &status)), ["Issuer a/own"]);
    assert_eq!(
        links(kind, &of(&json!({"issuerRef": {"name": "x", "group": "cas-issuer.jetstack.io"}}), &status)),
        [""; 0]
    );
}

#[test]
fn the_vault_secrets_operator_says_it_in_the_way_of_its_version() {
    let kind = "VaultStaticSecret.secrets.hashicorp.com";
    let secret = |status: Value| of(&json!({"vaultAuthRef": "vso/default"}), &status);
    // 1.3: Ready decides, and its reason is Ready also where it is False.
    let sealed =
        json!({"conditions": [{"type": "Ready", "status": "False", "reason": "Ready", "message": "Vault is sealed"}]});
    assert_eq!(word(kind, &secret(sealed)), "Ready: Vault is sealed");
    // 1.0 to 1.2.
    assert_eq!(word(kind, &secret(saying(&[("Healthy", "True", 2), ("SecretSynced", "True", 2)]))), "");
    let half = word(kind, &secret(saying(&[("Healthy", "True", 2), ("SecretSynced", "False", 2)])));
    assert_eq!(half, "R: condition SecretSynced is False: m");
    assert_eq!(word(kind, &secret(saying(&[("Healthy", "True", 2)]))), "it has no condition SecretSynced yet");
    // Before.
    assert_eq!(word(kind, &secret(json!({"lastGeneration": 2, "secretMAC": "bWFj"}))), "");
    assert_eq!(word(kind, &secret(json!({"lastGeneration": 1, "secretMAC": "bWFj"}))), STALE);
    assert_eq!(word(kind, &secret(json!({"lastGeneration": 2}))), "its Secret was not written yet");
    assert_eq!(word(kind, &secret(json!({"lastGeneration": 0}))), UNSEEN);
    assert_eq!(word(kind, &secret(json!({}))), UNSEEN);
    let dynamic = "VaultDynamicSecret.secrets.hashicorp.com";
    assert_eq!(word(dynamic, &secret(json!({"lastGeneration": 2, "secretLease": {"id": "l"}}))), "");
    assert_eq!(
        word(dynamic, &secret(json!({"lastGeneration": 2, "secretLease": {"id": ""}}))),
        "its Secret was not written yet"
    );
    assert_eq!(
        word(dynamic, &secret(json!({"lastGeneration": 2, "secretLease": {"id": ""}, "secretMAC": "bWFj"}))),
        ""
    );
    let unhashed = of(&json!({"hmacSecretData": false}), &json!({"lastGeneration": 2}));
    assert_eq!(word(kind, &unhashed), "");
    let pki = "VaultPKISecret.secrets.hashicorp.com";
    assert_eq!(word(pki, &secret(json!({"lastGeneration": 2, "valid": true}))), "");
    assert_eq!(word(pki, &secret(json!({"lastGeneration": 2, "valid": false, "error": "denied"}))), "denied");
    assert_eq!(links(kind, &secret(json!({}))), ["VaultAuth vso/default"]);
    assert_eq!(links(kind, &of(&json!({}), &json!({}))), [""; 0], "the operator's own, wherever that is");
    let auth = "VaultAuth.secrets.hashicorp.com";
    assert_eq!(word(auth, &of(&json!({}), &json!({"valid": true}))), "");
    assert_eq!(
        word(auth, &of(&json!({}), &json!({"valid": false, "error": "no ServiceAccount"}))),
        "no ServiceAccount"
    );
    let invalid = json!({"valid": false, "error": "no such connection",
        "conditions": [{"type": "Ready", "status": "False", "reason": "Ready", "message": "VaultAuth"}]});
    assert_eq!(word(auth, &of(&json!({}), &invalid)), "Ready: VaultAuth; no such connection");
    assert_eq!(word("VaultAuthGlobal.secrets.hashicorp.com", &of(&json!({}), &json!({"valid": true}))), "");
}

/// The table is generated: `TAZLAB_KEEP_KINDS=1 cargo test --workspace --lib -- the_reference_lists` writes it.
#[test]
fn the_reference_lists_the_kinds_that_are_known() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/resources/bootstrap_ready.md.tmpl");
    let text = std::fs::read_to_string(page).unwrap();
    let (begin, end) = ("<!-- kinds -->\n", "<!-- end of kinds -->");
    let (before, rest) = text.split_once(begin).expect("the place of the table");
    let (table, after) = rest.split_once(end).expect("the end of the table");
    let expected = Rule::documentation();
    if std::env::var_os("TAZLAB_KEEP_KINDS").is_some() {
        std::fs::write(page, format!("{before}{begin}{expected}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(table, expected, "write it with TAZLAB_KEEP_KINDS=1");
}
