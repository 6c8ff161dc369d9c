data "tazlab_vault_jwt_login" "grafana" {
  mount           = "jwt"
  role            = "grafana-consumer"
  service_account = { namespace = "monitoring", name = "grafana-sa" }
  audiences       = ["https://vault.example.net:8200"]

  lifecycle {
    postcondition { # an error at plan and apply, a warning during destroy
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}

# A login that does not work stops the plan; a token that is short-lived is a warning, and the run goes on.
check "grafana_token" {
  assert {
    condition     = try(data.tazlab_vault_jwt_login.grafana.token_ttl >= 3600, false)
    error_message = "The token of Grafana expires within an hour: raise token_ttl of the role."
  }
}

output "grafana" {
  value = data.tazlab_vault_jwt_login.grafana.summary
}
