resource "tazlab_bootstrap_secret" "oauth" {
  namespace        = "tailscale"
  name             = "operator-oauth"
  create_namespace = true

  # Read at plan and at apply, compared with the live Secret, never stored.
  files = {
    client_id     = "${path.module}/secrets/client-id"
    client_secret = "${path.module}/secrets/client-secret"
  }

  # Once External Secrets owns the data, nothing is written any more, and a destroy leaves the Secret.
  hand_over_to = ["external-secrets"]
}

# An ephemeral value, new in every run: written at create and when the version changes.
variable "token" {
  type      = string
  ephemeral = true
}

resource "tazlab_bootstrap_secret" "token" {
  namespace         = tazlab_bootstrap_secret.oauth.namespace
  name              = "api-token"
  labels            = { "app.kubernetes.io/part-of" = "bootstrap" }
  values            = { username = "git" }
  values_wo         = { token = var.token }
  values_wo_version = 1
}
