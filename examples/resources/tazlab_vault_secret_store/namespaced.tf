# For one namespace, without any stored token: the controller shows Vault the token of a service account.
resource "tazlab_vault_secret_store" "grafana" {
  kind      = "SecretStore"
  namespace = "monitoring"
  name      = "vault"
  server    = "https://vault.tail1234.ts.net:8200"
  kv_mount  = "secret"

  auth = {
    jwt = {
      path = "jwt"
      role = "grafana-consumer"
      service_account = {
        name      = "grafana-sa"
        audiences = ["https://vault.tail1234.ts.net:8200"]
      }
    }
  }
}
