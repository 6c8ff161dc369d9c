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

# Nodes, and objects of any kind.
data "tazlab_bootstrap_status" "platform" {
  nodes          = ["*"]
  nodes_at_least = 3
  objects = [
    { kind = "Job.batch", names = ["tazlab/migrate"] },
    { kind = "Gateway.gateway.networking.k8s.io", names = ["*"] },
    { kind = "Thing.example.com", names = ["*"], fields = { "status.phase" = "Done" } },
  ]
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
