# One `terraform apply` on an empty environment: stale devices, machines, Talos, DNS, secrets, Vault, the tailnet, Flux, and the
# check that everything is up. No -target, no second run, no script. README.md lists the stages.

locals {
  api_name      = "${var.cluster_name}-k8s"
  api_host      = "${local.api_name}.${var.tailnet_domain}"
  issuer        = coalesce(var.issuer, "https://${local.api_host}:6443")
  vault_name    = "${var.cluster_name}-vault"
  vault_host    = "${local.vault_name}.${var.tailnet_domain}"
  vault_address = coalesce(var.vault_address, "https://${local.vault_host}:8200")

  addresses     = { for name, machine in var.machines : name => split("/", machine.address)[0] }
  control_plane = sort([for name, machine in var.machines : name if machine.role == "controlplane"])
  first         = local.addresses[local.control_plane[0]]
}

# A new value recreates the cluster under the same names: machines, their configuration and every helm_release are replaced with
# it, and the objects in the cluster are created again, by their `triggers`.
resource "terraform_data" "cluster_generation" {
  triggers_replace = [var.cluster_generation]
}
