# 8. The tailnet side. Flux installs Tailscale's operator; on destroy it still runs, and has its credential, when these are deleted.
resource "tazlab_tailnet_egress" "vault" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [tazlab_bootstrap_secret.tailscale_oauth, helm_release.flux_sync]

  name      = local.vault_name
  hostname  = "${local.vault_name}-egress"
  namespace = "tailscale"
  fqdn      = local.vault_host
}

# Waits for its address, and fails where the tailnet gave it the name with a number.
resource "tazlab_tailnet_apiserver" "this" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [tazlab_bootstrap_secret.tailscale_oauth, helm_release.flux_sync]

  hostname = local.api_name
  tags     = ["tag:k8s"]
}

# A key in memory only, for what joins the tailnet during this run and accepts ephemeral values. It is created at each plan and
# each apply, and revoked as soon as the last thing that refers to it is done.
ephemeral "tazlab_tailnet_auth_key" "node" {
  tags          = ["tag:k8s"]
  reusable      = true
  ephemeral     = true
  preauthorized = true
  expiry        = "1h"
}

resource "terraform_data" "joined" {
  count            = var.join_command == null ? 0 : 1
  triggers_replace = [terraform_data.cluster_generation.id]
  depends_on       = [tazlab_tailnet_cleanup.k8s]

  provisioner "local-exec" {
    command     = var.join_command
    environment = { TS_AUTHKEY = ephemeral.tazlab_tailnet_auth_key.node.key }
  }
}
