# 3. Talos. The secrets outlive a generation: a reborn cluster has the same authorities, and the same kubeconfig works.
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
      api_audiences   = ["https://kubernetes.default.svc.cluster.local"] # Vault's is asked for by the pod
      disable_coredns = true
    }),
    # Fails the plan where a patch would take the cluster down: machine.certSANs and its kin.
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

# What lives in the cluster waits for this resource, and so for the bootstrap: no update of a rebirth meets the old cluster.
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
