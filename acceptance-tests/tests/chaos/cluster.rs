//! What is done to the real cluster's parts, its API server and its etcd, and how it is undone.

use std::time::{Duration, Instant};

use acceptance_tests::node::{run, tried};
use acceptance_tests::{node, poll};

/// Kills the API server. The kubelet, which starts it again, is made to forget that it has died before: it would wait longer each
/// time.
pub(crate) fn kill_api_server() {
    node::kill_api_server();
    run("systemctl restart kubelet");
}

/// Gives the API server a new certificate of the same authority. It reads that by itself.
pub(crate) fn renew_certificate() {
    run("kubeadm certs renew apiserver");
}

/// Lets a fault last.
pub(crate) fn wait(time: Duration) {
    let since = Instant::now();
    poll::until(time * 2, "end of a fault", || (since.elapsed() >= time).then_some(()));
}

/// An API server that is halted; it goes on with the value's end.
pub(crate) struct Halted;

impl Halted {
    pub(crate) fn for_a(time: Duration) -> Self {
        let halted = Self;
        run("pkill -STOP -f '^kube-apiserver'");
        wait(time);
        halted
    }
}

impl Drop for Halted {
    fn drop(&mut self) {
        tried("pkill -CONT -f '^kube-apiserver'");
    }
}

/// An etcd that writes nothing; it does again with the value's end.
pub(crate) struct ReadOnly;

impl ReadOnly {
    pub(crate) fn for_a(time: Duration) -> Self {
        let read_only = Self;
        assert!(Self::alarm("ACTIVATE"), "etcd takes an alarm");
        wait(time);
        read_only
    }

    fn alarm(action: &str) -> bool {
        let pki = "/etc/kubernetes/pki/etcd";
        tried(&format!(
            "curl --fail --silent --max-time 10 --cacert {pki}/ca.crt --cert {pki}/healthcheck-client.crt --key {pki}/healthcheck-client.key \
             -d '{{\"action\": \"{action}\", \"alarm\": \"NOSPACE\"}}' https://127.0.0.1:2379/v3/maintenance/alarm"
        ))
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        Self::alarm("DEACTIVATE");
    }
}
