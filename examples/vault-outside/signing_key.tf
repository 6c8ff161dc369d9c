# The key that the API server will sign with (--service-account-signing-key-file): PEM, or base64 of it as in Talos' secrets.
variable "service_account_key" {
  type      = string
  default   = null # needed at create, and when the version below changes
  ephemeral = true
}

# No cluster is needed: this may come before the machines, and the cluster's first token logs in.
resource "tazlab_vault_jwt_auth" "cluster" {
  mount                  = "jwt"
  bound_issuer           = "https://k8s.example.ts.net:6443"
  keys                   = "signing_key"
  signing_key_wo         = var.service_account_key
  signing_key_wo_version = 1
}
