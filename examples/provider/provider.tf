# From a kubeconfig. Without any argument, KUBE_CONFIG_PATH and then KUBECONFIG name it.
provider "tazlab" {
  kubernetes = {
    config_path    = "~/.kube/homelab"
    config_context = "admin@homelab"
  }
}

# From values that are made in the same apply: they are unknown while Terraform plans, and the API server may answer
# only minutes later. Objects of a cluster that is gone for good can be forgotten.
provider "tazlab" {
  alias = "talos"
  kubernetes = {
    host                        = "https://10.0.0.10:6443"
    client_certificate_file     = "~/secrets/homelab.crt"
    client_key_file             = "~/secrets/homelab.key"
    cluster_ca_certificate_file = "~/secrets/homelab-ca.crt"
  }
  on_unreachable  = "forget"
  connect_timeout = "10s"
}
