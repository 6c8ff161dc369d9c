# 1. Stale devices. Everything of the cluster depends on this resource: on create it runs first and frees the names, on destroy
# it runs last, when the machines are gone.
resource "tazlab_tailnet_cleanup" "k8s" {
  tags          = ["tag:k8s"]
  hostnames     = [local.api_name, "${local.vault_name}-egress"] # with a number at their end, too
  offline_for   = var.offline_for
  connected     = "wait"
  run_on        = ["create", "update", "destroy"]
  max_deletions = 25
  required_free = [local.api_name]
  triggers      = { cluster = terraform_data.cluster_generation.id }
}
