resource "tazlab_vault_jwt_auth" "cluster" {
  mount        = "jwt"
  bound_issuer = "https://k8s.example.ts.net:6443"
  keys         = "cluster"
}
