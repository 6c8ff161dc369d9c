locals {
  api_host = "k8s.example.ts.net"
}

# For config_patches of data "talos_machine_configuration".
output "apiserver_patch" {
  value = provider::tazlab::talos_apiserver_patch({
    cert_sans       = [local.api_host, "10.0.0.10"]
    issuer          = "https://${local.api_host}:6443"
    api_audiences   = ["https://kubernetes.default.svc.cluster.local"] # Vault's is asked for by the pod
    disable_coredns = true                                             # tazlab_coredns runs it
  })
}
