# 3. Talos. The secrets stay when the cluster is recreated: it has the same authorities, and the same kubeconfig works. They are in
# the state: README.md says what else is, and how to protect it.
resource "talos_machine_secrets" "this" {
  talos_version = var.talos_version
}

data "talos_machine_configuration" "this" {
  for_each = toset(["controlplane", "worker"])

  cluster_name       = var.cluster_name
  cluster_endpoint   = "https://${local.first}:6443"
  machine_type       = each.key
  machine_secrets    = talos_machine_secrets.this.machine_secrets
  talos_version      = var.talos_version
  kubernetes_version = var.kubernetes_version

  config_patches = each.key == "worker" ? [
    provider::tazlab::talos_checked_patch(file("${path.module}/patches/worker.yaml")),
    ] : [
    provider::tazlab::talos_apiserver_patch({
      cert_sans       = [local.api_host]
      issuer          = local.issuer
      api_audiences   = ["https://kubernetes.default.svc.cluster.local"] # the pod requests Vault's
      disable_coredns = true
    }),
    # Fails the plan where a patch would take the cluster down, such as one of machine.certSANs.
    provider::tazlab::talos_checked_patch(file("${path.module}/patches/control-plane.yaml")),
  ]
}

resource "talos_machine_configuration_apply" "this" {
  for_each = var.machines

  client_configuration        = talos_machine_secrets.this.client_configuration
  machine_configuration_input = data.talos_machine_configuration.this[each.value.role].machine_configuration
  node                        = local.addresses[each.key]
  config_patches = [yamlencode({
    machine = {
      install = { disk = "/dev/vda", image = data.talos_image_factory_urls.this.urls.installer }
      network = { hostname = each.key }
    }
  })]

  depends_on = [proxmox_virtual_environment_vm.this]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}

resource "talos_machine_bootstrap" "this" {
  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.first
  timeouts             = { create = "10m" }

  depends_on = [talos_machine_configuration_apply.this]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}

# The objects in the cluster wait for this resource, and so for the bootstrap: when the cluster is recreated, no update reaches the old one.
resource "talos_cluster_kubeconfig" "this" {
  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.first

  depends_on = [talos_machine_bootstrap.this]
}

data "talos_client_configuration" "this" {
  cluster_name         = var.cluster_name
  client_configuration = talos_machine_secrets.this.client_configuration
  nodes                = values(local.addresses)
  endpoints            = [for name in local.control_plane : local.addresses[name]]
}
