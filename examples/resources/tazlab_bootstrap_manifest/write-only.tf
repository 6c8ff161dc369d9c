variable "token" {
  type      = string
  ephemeral = true
}

resource "tazlab_bootstrap_manifest" "issuer" {
  manifest = {
    apiVersion = "example.com/v1"
    kind       = "Account"
    metadata   = { name = "main" }
    spec       = { endpoint = "https://api.example.com" }
  }

  # Merged over the manifest when it is written, and not stored.
  manifest_wo         = { spec = { auth = { token = var.token } } }
  manifest_wo_version = 1
}
