locals {
  # What `kubectl get --raw /openid/v1/jwks` printed.
  jwks = jsonencode({
    keys = [{
      kty = "OKP"
      crv = "Ed25519"
      use = "sig"
      kid = "cluster-1"
      x   = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    }]
  })
}

output "public_keys" {
  value = provider::tazlab::jwks_to_pem(local.jwks)
}
