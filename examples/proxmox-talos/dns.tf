# 4. DNS. Talos leaves it to us (disable_coredns); nothing of the cluster resolves a name before.
resource "tazlab_coredns" "this" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [tazlab_tailnet_cleanup.k8s, talos_machine_bootstrap.this]

  cluster_ip = "10.96.0.10"
  replicas   = 2
  upstreams  = var.upstreams
  ipv6       = false # AAAA is answered at once, with nothing
  tailnets = [{
    domain    = var.tailnet_domain
    namespace = "tailscale" # lushycorp-vault.<domain> becomes the Service lushycorp-vault in this namespace
  }]
  verify = ["kubernetes.default.svc.cluster.local"] # asked of every replica
}
