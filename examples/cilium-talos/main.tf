# Talos without a CNI and without kube-proxy: Cilium is both. One apply, since nothing waits for what Cilium brings.
terraform {
  required_providers {
    tazlab = { source = "tazlab/tazlab" }
    talos  = { source = "siderolabs/talos" }
    helm   = { source = "hashicorp/helm" }
  }
}

variable "nodes" {
  type    = list(string)
  default = ["10.0.0.10", "10.0.0.11", "10.0.0.12"] # they run Talos in maintenance mode
}

locals {
  endpoint = var.nodes[0]
}

resource "talos_machine_secrets" "this" {}

data "talos_machine_configuration" "this" {
  cluster_name     = "tazlab"
  cluster_endpoint = "https://${local.endpoint}:6443"
  machine_type     = "controlplane"
  machine_secrets  = talos_machine_secrets.this.machine_secrets

  config_patches = [
    provider::tazlab::talos_checked_patch(yamlencode({
      cluster = {
        network                        = { cni = { name = "none" } }
        proxy                          = { disabled = true }
        allowSchedulingOnControlPlanes = true
      }
    })),
  ]
}

resource "talos_machine_configuration_apply" "node" {
  for_each = toset(var.nodes)

  client_configuration        = talos_machine_secrets.this.client_configuration
  machine_configuration_input = data.talos_machine_configuration.this.machine_configuration
  node                        = each.value
}

resource "talos_machine_bootstrap" "this" {
  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.endpoint
  depends_on           = [talos_machine_configuration_apply.node]
}

resource "talos_cluster_kubeconfig" "this" {
  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.endpoint
  depends_on           = [talos_machine_bootstrap.this]
}

locals {
  client = talos_cluster_kubeconfig.this.kubernetes_client_configuration
}

provider "tazlab" {
  kubernetes = {
    host                   = local.client.host
    client_certificate     = base64decode(local.client.client_certificate)
    client_key             = base64decode(local.client.client_key)
    cluster_ca_certificate = base64decode(local.client.ca_certificate)
  }
}

provider "helm" {
  kubernetes = {
    host                   = local.client.host
    client_certificate     = base64decode(local.client.client_certificate)
    client_key             = base64decode(local.client.client_key)
    cluster_ca_certificate = base64decode(local.client.ca_certificate)
  }
}

# The barrier: talos_machine_bootstrap is done when etcd is told to begin, minutes before the API server answers. No node is Ready
# yet, and none will be before Cilium runs, so nothing else is waited for.
resource "tazlab_bootstrap_ready" "api_server" {
  triggers   = { cluster = talos_machine_bootstrap.this.id }
  api_server = true
  depends_on = [talos_cluster_kubeconfig.this]
}

resource "helm_release" "cilium" {
  name       = "cilium"
  namespace  = "kube-system"
  repository = "https://helm.cilium.io"
  chart      = "cilium"
  version    = "1.18.3"
  wait       = false # its pods make the nodes Ready, so they cannot wait for them

  values = [yamlencode({
    ipam                 = { mode = "kubernetes" }
    kubeProxyReplacement = true
    k8sServiceHost       = "localhost" # KubePrism, which needs neither a CNI nor kube-proxy
    k8sServicePort       = 7445
    cgroup               = { autoMount = { enabled = false }, hostRoot = "/sys/fs/cgroup" }
    securityContext = { capabilities = {
      ciliumAgent      = ["CHOWN", "KILL", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "SYS_ADMIN", "SYS_RESOURCE", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
      cleanCiliumState = ["NET_ADMIN", "SYS_ADMIN", "SYS_RESOURCE"]
    } }
  })]

  depends_on = [tazlab_bootstrap_ready.api_server]
}

# What needs running pods follows this.
resource "tazlab_bootstrap_ready" "network" {
  triggers       = { cluster = talos_machine_bootstrap.this.id }
  nodes          = ["*"]
  nodes_at_least = length(var.nodes)
  daemon_sets    = ["kube-system/cilium"]
  depends_on     = [helm_release.cilium]
}
