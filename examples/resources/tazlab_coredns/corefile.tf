resource "tazlab_coredns" "this" {
  cluster_ip = "10.96.0.10"
  replicas   = 3

  corefile = <<-EOT
    .:53 {
        errors
        health {
            lameduck 5s
        }
        ready
        kubernetes cluster.local in-addr.arpa ip6.arpa {
            pods insecure
            fallthrough in-addr.arpa ip6.arpa
        }
        prometheus :9153
        forward . 9.9.9.9 1.1.1.1
        cache 30
        loop
        loadbalance
    }
  EOT

  resources = {
    requests = { cpu = "50m", memory = "70Mi" }
    limits   = { memory = "170Mi" }
  }
  timeouts = { create = "5m", update = "5m" }
}
