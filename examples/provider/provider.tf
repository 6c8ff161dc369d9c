# From a kubeconfig. Without any argument, KUBE_CONFIG_PATH, KUBE_CONFIG_PATHS and then KUBECONFIG name it.
provider "tazlab" {
  kubernetes = {
    config_path    = "~/.kube/homelab"
    config_context = "admin@homelab"
  }
}

# All three, each by its own credential. Any value may come from what the same apply makes: it is unknown while Terraform
# plans, and the API server may answer only minutes later. Objects of a cluster that is gone for good can be forgotten.
provider "tazlab" {
  alias = "talos"
  kubernetes = {
    host                        = "https://10.0.0.10:6443"
    client_certificate_file     = "~/secrets/homelab.crt"
    client_key_file             = "~/secrets/homelab.key"
    cluster_ca_certificate_file = "~/secrets/homelab-ca.crt"
  }
  vault = {
    address      = "https://vault.example.net:8200"
    ca_cert_file = "~/secrets/vault-ca.crt"
    token_file   = "~/secrets/vault-token" # else VAULT_TOKEN or BAO_TOKEN, else ~/.vault-token
  }
  tailscale = {
    oauth_client_id_file     = "~/secrets/tailscale-oauth-client-id"
    oauth_client_secret_file = "~/secrets/tailscale-oauth-client-secret"
  }
  on_unreachable  = "forget"
  connect_timeout = "10s"
}

# In a pod of the cluster, as its ServiceAccount, also before Vault.
provider "tazlab" {
  alias      = "pod"
  kubernetes = { in_cluster = true }
  vault = {
    address         = "https://vault.example.net:8200"
    ca_cert_dir     = "/etc/vault-ca" # a mounted ConfigMap
    auth_kubernetes = { role = "terraform" }
  }
}
