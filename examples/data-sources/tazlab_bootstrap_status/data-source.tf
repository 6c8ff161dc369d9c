# Tells at once, at every plan, and never waits.
data "tazlab_bootstrap_status" "cluster" {
  deployments = ["kube-system/coredns"]
  daemon_sets = ["kube-system/*"]
  services    = ["kube-system/kube-dns"]
  crds        = ["*"]
}

output "status" {
  value = data.tazlab_bootstrap_status.cluster.summary
}

# Failing because of what it finds is a choice.
data "tazlab_bootstrap_status" "dns" {
  deployments = ["kube-system/coredns"]

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}
