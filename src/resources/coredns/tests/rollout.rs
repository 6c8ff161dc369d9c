#![allow(clippy::needless_pass_by_value, reason = "a JSON value is written where it is needed")]

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::{Live, Seen};

use crate::resources::coredns::rollout::{Ends, Rollout, Standing};

fn rollout(deployment: Json, pods: &[Json]) -> Standing {
    after(&[], deployment, pods)
}

/// With these pods there before it began.
fn after(before: &[Json], deployment: Json, pods: &[Json]) -> Standing {
    let before: Vec<Pod> = before.iter().map(|pod| serde_json::from_value(pod.clone()).unwrap()).collect();
    let mut rollout = Rollout::new("mark".to_owned(), Ends::seen(&before));
    let live = |object| Live { object, managers: Vec::new() };
    let deployment: Deployment = serde_json::from_value(deployment).unwrap();
    rollout.see_deployment(Seen::All(vec![live(deployment)]));
    let pods = pods.iter().map(|pod| serde_json::from_value::<Pod>(pod.clone()).unwrap());
    rollout.see_pod(Seen::All(pods.map(|object| Live { object, managers: Vec::new() }).collect()));
    rollout.standing()
}

fn deployment(updated: i64, total: i64, available: i64) -> Json {
    json!({"metadata": {"generation": 2}, "spec": {"replicas": 2, "selector": {}, "template": {}}, "status": {
        "observedGeneration": 2, "updatedReplicas": updated, "replicas": total, "availableReplicas": available,
        "readyReplicas": available}})
}

fn pod(mark: &str, status: Json) -> Json {
    json!({"metadata": {"name": "coredns-1", "uid": "uid-1", "annotations": {"tazlab.io/checksum": mark}}, "status": status})
}

fn container(ready: bool, restarts: i64, state: Json, last: Json) -> Json {
    json!({"containerStatuses": [{"name": "coredns", "image": "", "imageID": "", "ready": ready,
        "restartCount": restarts, "state": state, "lastState": last}]})
}

#[test]
fn it_is_done_when_all_replicas_are_new_and_available() {
    assert_eq!(rollout(deployment(2, 2, 2), &[]), Standing::Done { ready: 2 });
    for (updated, total, available) in [(1, 2, 2), (2, 3, 3), (2, 2, 1)] {
        assert!(matches!(rollout(deployment(updated, total, available), &[]), Standing::Waiting(_)));
    }
    let mut stale = deployment(2, 2, 2);
    stale["status"]["observedGeneration"] = 1.into();
    assert!(matches!(rollout(stale, &[]), Standing::Waiting(_)), "the controller has not seen the change yet");
}

#[test]
fn a_crash_counts_for_pods_of_this_rollout_only() {
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    let first = container(false, 0, ended.clone(), json!({}));
    let Standing::Crashed(crash) = rollout(deployment(1, 3, 2), &[pod("mark", first.clone())]) else { panic!() };
    assert_eq!((crash.times, crash.exit_code, crash.previous), (1, 1, false));
    assert!(matches!(rollout(deployment(1, 3, 2), &[pod("old", first)]), Standing::Waiting(_)));

    let again = container(false, 1, json!({"waiting": {"reason": "CrashLoopBackOff"}}), ended.clone());
    let Standing::Crashed(crash) = rollout(deployment(1, 3, 2), &[pod("mark", again)]) else { panic!() };
    assert_eq!((crash.times, crash.previous), (2, true), "it was restarted once, and has ended again");
    let healed = container(true, 1, json!({"running": {}}), ended);
    assert!(matches!(rollout(deployment(1, 3, 2), &[pod("mark", healed)]), Standing::Waiting(_)));
}

#[test]
fn what_ended_before_the_rollout_does_not_count() {
    let ended = json!({"terminated": {"exitCode": 137, "reason": "Error"}});
    let runs =
        |ready: bool, restarts: i64| pod("mark", container(ready, restarts, json!({"running": {}}), ended.clone()));
    let waits = |restarts: i64| {
        let state = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
        pod("mark", container(false, restarts, state, ended.clone()))
    };
    let judged = |before: Json, now: Json| after(&[before], deployment(2, 2, 1), &[now]);
    // The node was restarted long ago; at present the pod is not ready for another reason.
    assert!(matches!(judged(runs(true, 3), runs(false, 3)), Standing::Waiting(_)));
    // It waits for its next start: its last words may tell, and the number does not.
    assert!(matches!(judged(waits(3), waits(3)), Standing::Crashed(crash) if crash.times == 0));
    assert!(matches!(judged(waits(3), runs(false, 4)), Standing::Waiting(_)), "it has begun again");
    assert!(matches!(judged(waits(3), waits(4)), Standing::Crashed(crash) if crash.times == 1));
    // Of two, the one that has ended most often is told.
    let mut other = waits(1);
    other["metadata"] = json!({"name": "coredns-2", "uid": "uid-2", "annotations": {"tazlab.io/checksum": "mark"}});
    let both = after(&[waits(3)], deployment(2, 2, 1), &[waits(3), other]);
    assert!(matches!(both, Standing::Crashed(crash) if crash.pod == "coredns-2" && crash.times == 2));
}

#[test]
fn an_image_that_is_nowhere_is_certain_and_a_network_that_is_down_is_not() {
    let waiting = |reason: &str, message: &str| {
        let state = json!({"waiting": {"reason": reason, "message": message}});
        rollout(deployment(1, 3, 2), &[pod("mark", container(false, 0, state, json!({})))])
    };
    assert!(matches!(waiting("InvalidImageName", "x"), Standing::NoImage { .. }));
    assert!(matches!(waiting("ErrImagePull", "reg/x:1: not found"), Standing::NoImage { .. }));
    for may_heal in ["403 Forbidden", "pull access denied", "429 Too Many Requests"] {
        assert!(matches!(waiting("ErrImagePull", may_heal), Standing::Waiting(_)), "{may_heal}");
    }
    let Standing::Waiting(seen) = waiting("ImagePullBackOff", "dial tcp: i/o timeout") else { panic!() };
    assert!(seen.contains("i/o timeout"), "{seen}");
}

#[test]
fn what_is_waited_for_is_told() {
    let condition = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/1 nodes are available: 1 Insufficient memory."}]});
    let Standing::Waiting(seen) = rollout(deployment(1, 3, 2), &[pod("mark", condition)]) else { panic!() };
    assert!(seen.contains("0 of 2 new pods") && seen.contains("Insufficient memory"), "{seen}");
    // Who is to act: first the scheduler, then the kubelet of the node that it chose.
    let mut pod = pod("mark", json!({}));
    for (spec, told) in [
        (json!({"containers": []}), "a node"),
        (json!({"containers": [], "nodeName": "worker-1"}), "the kubelet of worker-1"),
    ] {
        pod["spec"] = spec;
        let Standing::Waiting(seen) = rollout(deployment(1, 3, 2), &[pod.clone()]) else { panic!() };
        assert!(seen.ends_with(&format!("coredns-1: waiting for {told}")), "{seen}");
    }
}

#[test]
fn a_refusal_is_told_apart_from_what_gives_way() {
    let with = |message: &str| {
        let mut deployment = deployment(0, 2, 2);
        deployment["status"]["conditions"] =
            json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]);
        rollout(deployment, &[])
    };
    assert!(matches!(with("pods \"x\" is forbidden: violates PodSecurity"), Standing::Refused(_)));
    assert!(matches!(
        with("Internal error occurred: failed calling webhook \"a\": no endpoints"),
        Standing::Waiting(_)
    ));
}
