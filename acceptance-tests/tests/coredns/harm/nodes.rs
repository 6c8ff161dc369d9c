//! Several nodes: replicas stand apart, also after a rollout, and a node that is drained takes no answer away.

use acceptance_tests::dns::{self, Lookups};

use super::*;

const IP: &str = "10.96.0.85";
const NAME: &str = "kubernetes.default.svc.cluster.local";

/// A replica that is not being deleted.
#[derive(Clone, Debug)]
struct Replica {
    pod: String,
    /// Empty while it has none.
    node: String,
    ready: bool,
}

fn replicas(namespace: &Namespace) -> Vec<Replica> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    living(namespace.name())
        .iter()
        .map(|pod| Replica {
            pod: text(&pod["metadata"]["name"]),
            node: text(&pod["spec"]["nodeName"]),
            ready: pod["status"]["containerStatuses"][0]["ready"] == true,
        })
        .collect()
}

/// The two replicas, which are ready and on different nodes.
fn apart_from_each_other(namespace: &Namespace) -> [Replica; 2] {
    let found = replicas(namespace);
    let [one, other] = <[Replica; 2]>::try_from(found).expect("two replicas");
    assert!(one.ready && other.ready && one.node != other.node, "{one:?} {other:?}");
    [one, other]
}

/// Asks for an eviction as `kubectl drain` does, once.
fn evict(namespace: &Namespace, pod: &str) -> Result<String, String> {
    let eviction = serde_json::json!({"apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"namespace": namespace.name(), "name": pod}});
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), eviction.to_string()).unwrap();
    let path = format!("/api/v1/namespaces/{}/pods/{pod}/eviction", namespace.name());
    kubectl::tried(&["create", "--raw", &path, "-f", &file.path().to_string_lossy()])
}

#[test]
fn a_drained_node_takes_no_answer_away() {
    let _nodes = Nodes::alone();
    let (namespace, workspace) = (Namespace::made("drain"), Workspace::new());
    let _address = Address::of(&namespace, IP);
    let two = |more: &str| {
        apart(&namespace, IP, &format!("  upstreams = [\"192.0.2.53\"]\n{more}"))
            .replace("replicas = 1", "replicas = 2")
    };
    workspace.hcl(&two(""));
    workspace.apply().succeeds();
    let placed = apart_from_each_other(&namespace);

    // A rollout that has no third node ends on two again.
    let all = kubectl::succeeds(&["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"]);
    let all = all.split_whitespace();
    let free: Vec<&str> = all.filter(|name| placed.iter().all(|replica| replica.node != *name)).collect();
    assert!(!free.is_empty(), "the testbed has three nodes: run `make testbed-up`");
    kubectl::succeeds(&[&["cordon"], &free[..]].concat());
    workspace.hcl(&two("  cache_seconds = 20"));
    workspace.apply().succeeds();
    let [drained, last] = apart_from_each_other(&namespace);

    // While nothing can take its place, the last replica stays, whoever wants it gone.
    Nodes::cordon();
    let lookups = Lookups::begin(IP, NAME, 120);
    let flags = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s"];
    kubectl::succeeds(&[&["drain", &drained.node], &flags[..]].concat());
    let refused = evict(&namespace, &last.pod).expect_err("an eviction that is refused");
    assert!(refused.contains("(TooManyRequests)") && refused.contains("disruption budget"), "{refused}");
    let left = replicas(&namespace);
    assert!(left.iter().any(|replica| replica.pod == last.pod && replica.ready), "{left:?}");
    assert!(left.iter().all(|replica| replica.pod == last.pod || replica.node.is_empty()), "{left:?}");

    // The drained node's replica comes up on the free one, and then the other may go.
    kubectl::succeeds(&[&["uncordon"], &free[..]].concat());
    poll::until(Duration::from_mins(1), "replica on another node", || {
        let found = replicas(&namespace);
        found.iter().any(|replica| replica.ready && free.contains(&replica.node.as_str())).then_some(())
    });
    Nodes::uncordon().expect("the API server answers");
    poll::until(Duration::from_secs(20), "eviction that is let through", || evict(&namespace, &last.pod).ok());
    poll::until(Duration::from_mins(1), "two ready replicas", || {
        let found = replicas(&namespace);
        (found.len() == 2 && found.iter().all(|replica| replica.ready)).then_some(())
    });
    let (asked, failed) = lookups.end();
    assert!(asked > 20, "{asked} lookups are no load");
    assert_eq!(failed, [""; 0], "of {asked} lookups");
    apart_from_each_other(&namespace);
    dns::until_answered(IP, NAME, "A", "NOERROR");
    workspace.plan().succeeds().changes_nothing();
}
