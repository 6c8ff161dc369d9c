# Reported at every plan, without waiting.
data "tazlab_bootstrap_status" "cluster" {
  deployments = ["kube-system/coredns"]
  daemon_sets = ["kube-system/*"]
  services    = ["kube-system/kube-dns"]
  crds        = ["*"]
}

output "status" {
  value = data.tazlab_bootstrap_status.cluster.summary
}

# A check is a warning: the run goes on.
check "cluster" {
  assert {
    condition     = data.tazlab_bootstrap_status.cluster.ready
    error_message = join("\n", data.tazlab_bootstrap_status.cluster.problems)
  }
}

# A postcondition is an error: what depends on this data source is not changed.
data "tazlab_bootstrap_status" "dns" {
  deployments = ["kube-system/coredns"]

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}
