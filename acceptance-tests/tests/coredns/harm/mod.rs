//! Tests that take the cluster's nodes away, from everybody. They run after all others.

mod interrupted;
mod nodes;

use super::*;

/// The nodes, which two tests take away, and with them the cluster. However it ends, they take pods again.
struct Nodes(#[allow(dead_code, reason = "held until the end")] Lock);

impl Nodes {
    const ALL: [&str; 2] = ["--selector", "kubernetes.io/os"];

    fn alone() -> Self {
        let alone = Part::Cluster.exclusive();
        // Only the testbed's own nodes are taken from anybody.
        let _ = Testbed::get().node();
        Self(alone)
    }

    /// None of them takes another pod.
    fn cordon() {
        kubectl::succeeds(&[&["cordon"], &Self::ALL[..]].concat());
    }

    /// All of them take pods; `None` when that could not be said to the cluster.
    fn uncordon() -> Option<()> {
        kubectl::kubectl(&[&["uncordon"], &Self::ALL[..]].concat()).status.success().then_some(())
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        let _ = Self::uncordon();
    }
}
