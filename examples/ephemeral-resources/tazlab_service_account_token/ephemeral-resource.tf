ephemeral "tazlab_service_account_token" "runner" {
  namespace  = "terraform"
  name       = "runner"
  audiences  = ["https://vault.example.net:8200"]
  expiration = "10m"
}

# For a provider that logs in to Vault with it.
provider "tazlab" {
  alias = "runner"
  vault = {
    address      = var.vault_address
    ca_cert_file = var.vault_ca
    auth_jwt = {
      role = "runner"
      jwt  = ephemeral.tazlab_service_account_token.runner.token
    }
  }
}

variable "vault_address" {
  type    = string
  default = "https://vault.example.net:8200"
}

variable "vault_ca" {
  type    = string
  default = "~/secrets/vault-ca.crt"
}
