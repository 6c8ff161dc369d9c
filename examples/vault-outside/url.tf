resource "tazlab_vault_jwt_auth" "cluster" {
  mount        = "jwt"
  bound_issuer = "https://k8s.example.ts.net:6443"
  keys         = "url"
  jwks_url     = "https://k8s.example.ts.net:6443/openid/v1/jwks"
  jwks_ca_pem  = file("cluster-ca.crt")
}
