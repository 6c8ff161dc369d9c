data "tazlab_vault_jwt_login" "grafana" {
  auth_path       = "jwt"
  role            = "grafana-consumer"
  service_account = { namespace = "monitoring", name = "grafana-sa" }
  audience        = "https://vault.example.net:8200"

  lifecycle {
    postcondition { # an error at plan and apply, a warning during destroy
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}

output "grafana" {
  value = data.tazlab_vault_jwt_login.grafana.summary
}
