# Every auth method that checks tokens, with how it is configured.
list "tazlab_vault_jwt_auth" "tokens" {
  provider         = tazlab
  include_resource = true

  config {
    type = "jwt"
  }
}
