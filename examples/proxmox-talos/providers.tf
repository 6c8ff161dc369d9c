# Before the cluster: no reference to anything that is created here. One configuration for both would be a cycle:
# machines wait for the cleanup, the cleanup for the kubeconfig, the kubeconfig for machines.
provider "tazlab" {
  tailscale = {
    tailnet                  = "-"
    base_url                 = var.tailscale_api
    oauth_client_id_file     = "${var.secrets}/tailscale-oauth-client-id"
    oauth_client_secret_file = "${var.secrets}/tailscale-oauth-client-secret"
  }
}

# The cluster. It does not exist when the first plan runs: its settings are unknown then, and that is fine.
provider "tazlab" {
  alias          = "cluster"
  on_unreachable = var.on_unreachable
  kubernetes = {
    host                   = talos_cluster_kubeconfig.this.kubernetes_client_configuration.host
    client_certificate     = base64decode(talos_cluster_kubeconfig.this.kubernetes_client_configuration.client_certificate)
    client_key             = base64decode(talos_cluster_kubeconfig.this.kubernetes_client_configuration.client_key)
    cluster_ca_certificate = base64decode(talos_cluster_kubeconfig.this.kubernetes_client_configuration.ca_certificate)
  }
  vault = {
    address      = local.vault_address
    ca_cert_file = "${var.secrets}/vault-ca.crt"
    token_file   = "${var.secrets}/vault-token"
  }
  tailscale = {
    tailnet                  = "-"
    base_url                 = var.tailscale_api
    oauth_client_id_file     = "${var.secrets}/tailscale-oauth-client-id"
    oauth_client_secret_file = "${var.secrets}/tailscale-oauth-client-secret"
  }
}

provider "helm" {
  kubernetes = {
    host                   = talos_cluster_kubeconfig.this.kubernetes_client_configuration.host
    client_certificate     = base64decode(talos_cluster_kubeconfig.this.kubernetes_client_configuration.client_certificate)
    client_key             = base64decode(talos_cluster_kubeconfig.this.kubernetes_client_configuration.client_key)
    cluster_ca_certificate = base64decode(talos_cluster_kubeconfig.this.kubernetes_client_configuration.ca_certificate)
  }
}

provider "proxmox" {
  endpoint  = var.proxmox_endpoint
  api_token = var.proxmox_api_token
}

provider "talos" {}
