//! Clusters of databases.

use super::*;

#[test]
fn clusters_of_cloud_native_pg_are_ready_hibernated_or_lost() {
    let kind = "Cluster.postgresql.cnpg.io";
    let cluster = |status: &str, phase: &str| {
        let ready = json!([{"type": "Ready", "status": status, "reason": "ClusterIsNotReady", "message": "Cluster Is Not Ready"}]);
        of(&json!({}), &json!({"phase": phase, "conditions": ready}))
    };
    assert_eq!(word(kind, &cluster("True", "Cluster in healthy state")), "");
    let setting_up = reason(kind, &cluster("False", "Setting up primary"));
    assert_eq!(setting_up.to_string(), "ClusterIsNotReady: Cluster Is Not Ready; Setting up primary");
    assert!(!setting_up.is_final);
    assert!(reason(kind, &cluster("False", "Cluster is unrecoverable and needs manual intervention")).is_final);
    let asleep = saying(&[("cnpg.io/hibernation", "True", 0), ("Ready", "False", 0)]);
    assert_eq!(word(kind, &of(&json!({}), &asleep)), "suspended");
}

#[test]
fn a_cluster_of_crunchy_has_no_ready_and_is_counted() {
    let kind = "PostgresCluster.postgres-operator.crunchydata.com";
    let spec = json!({"instances": [{"name": "one", "replicas": 2}, {}], "proxy": {"pgBouncer": {}}});
    let status = |ready: i64, observed: i64, conditions: &[(&str, &str, i64)]| {
        let mut status = saying(conditions);
        status["observedGeneration"] = json!(observed);
        status["instances"] = json!([
            {"name": "one", "replicas": 2, "readyReplicas": ready, "updatedReplicas": 2},
            {"name": "01", "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1},
        ]);
        status
    };
    let proxied = [("ProxyAvailable", "True", 2), ("PGBackRestRepoHostReady", "True", 2)];
    assert_eq!(word(kind, &of(&spec, &status(2, 2, &proxied))), "");
    assert_eq!(
        word(kind, &of(&spec, &status(1, 2, &proxied))),
        "of instance set one, 1 of 2 replicas are ready and 2 are updated"
    );
    assert_eq!(word(kind, &of(&spec, &status(2, 1, &proxied))), STALE);
    assert_eq!(word(kind, &of(&spec, &status(2, 2, &[]))), UNSEEN, "the proxy");
    let unbacked = [("ProxyAvailable", "True", 2), ("PGBackRestRepoHostReady", "False", 2)];
    assert_eq!(word(kind, &of(&spec, &status(2, 2, &unbacked))), "R: condition PGBackRestRepoHostReady is False: m");
    assert_eq!(
        word(kind, &of(&json!({"instances": [{}]}), &json!({"observedGeneration": 2}))),
        "of instance set 00, 0 of 1 replicas are ready and 0 are updated"
    );
    assert_eq!(word(kind, &of(&json!({"paused": true}), &json!({}))), "suspended");
}
