resource "tazlab_coredns" "this" {
  cluster_ip = "10.96.0.10"
  replicas   = 2
  upstreams  = ["1.1.1.1", "8.8.8.8"]

  hosts = {
    "nas.lan" = ["192.168.1.5"]
  }
  stub_zones = {
    "corp.example" = ["10.1.0.53"]
  }

  verify = ["kubernetes.default.svc.cluster.local"]
}
