# A postcondition is an error: what depends on this data source is not changed.
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

# A check is a warning: the run goes on.
check "api_server_port" {
  assert {
    condition     = data.tazlab_dns_lookup.api_server_port.ready
    error_message = join("\n", data.tazlab_dns_lookup.api_server_port.problems)
  }
}

output "api_server" {
  value = data.tazlab_dns_lookup.api_server.records # ["10.96.0.1"]
}
