resource "tazlab_coredns" "this" {
  cluster_ip = "10.96.0.10"
  upstreams  = ["1.1.1.1", "8.8.8.8"]
  ipv6       = false # AAAA is answered with "there is none", at once

  # lushycorp-vault.tail1234.ts.net is answered with the address of the Service
  # lushycorp-vault in the namespace tailscale, under the name that was asked for.
  tailnets = [{
    domain    = "tail1234.ts.net"
    namespace = "tailscale"
  }]
}
