variable "cluster_generation" {
  type    = string
  default = "1"
}

# Waits until the bootstrap is there: what comes after it depends on it.
resource "tazlab_bootstrap_ready" "cluster" {
  triggers = { cluster = var.cluster_generation }

  crds                = ["clustersecretstores.external-secrets.io"]
  deployments         = ["kube-system/coredns"]
  flux_kustomizations = ["*"] # all there are; none is not enough
  external_secrets    = ["*"]
  secret_stores       = ["*"]

  timeouts = {
    create = "15m"
    update = "15m"
  }
}

output "bootstrap" {
  value = tazlab_bootstrap_ready.cluster.summary # "16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced, …"
}
