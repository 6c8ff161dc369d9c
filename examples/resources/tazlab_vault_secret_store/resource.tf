resource "tazlab_vault_secret_store" "vault" {
  name     = "vault"
  server   = "https://vault.tail1234.ts.net:8200"
  kv_mount = "secret"

  auth = {
    token_secret = { namespace = "external-secrets", name = "vault-token", key = "token" }
  }
  ca = {
    secret = { namespace = "external-secrets", name = "vault-ca", key = "ca.crt" }
  }

  # For the definition to be served, then for the store to be ready.
  timeouts = { create = "10m" }
}
