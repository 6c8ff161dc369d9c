# Logs in as a ServiceAccount of the cluster.
ephemeral "tazlab_vault_token" "runner" {
  jwt = {
    role            = "runner"
    service_account = { namespace = "terraform", name = "runner" }
    audiences       = ["https://vault.example.net:8200"]
  }
}

# A child of the provider's own token, with fewer rights and a short life.
ephemeral "tazlab_vault_token" "reader" {
  child = {
    policies = ["reader"]
    ttl      = "10m"
  }
}

# A provider takes ephemeral values; the token is revoked when the last thing of this provider is done.
provider "tazlab" {
  alias = "runner"
  vault = {
    address      = var.vault_address
    ca_cert_file = var.vault_ca
    token        = ephemeral.tazlab_vault_token.runner.token
  }
}

# So does a write-only argument; the Secret then holds a token that ends with this run.
resource "tazlab_bootstrap_secret" "reader" {
  namespace         = "terraform"
  name              = "vault-reader"
  values_wo         = { token = ephemeral.tazlab_vault_token.reader.token }
  values_wo_version = 1
}

variable "vault_address" {
  type    = string
  default = "https://vault.example.net:8200"
}

variable "vault_ca" {
  type    = string
  default = "~/secrets/vault-ca.crt"
}
