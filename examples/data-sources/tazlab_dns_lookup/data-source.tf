data "tazlab_dns_lookup" "api_server" {
  name = "kubernetes.default.svc.cluster.local"

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}

# Any type of records.
data "tazlab_dns_lookup" "api_server_port" {
  name = "_https._tcp.kubernetes.default.svc.cluster.local"
  type = "SRV"
}

output "api_server" {
  value = data.tazlab_dns_lookup.api_server.records # ["10.96.0.1"]
}
