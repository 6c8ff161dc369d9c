# Vault needs no way to the cluster: the keys are read through the API server and stored as public keys.
resource "tazlab_vault_jwt_auth" "cluster" {
  mount              = "jwt"
  description        = "ServiceAccount tokens of the homelab"
  bound_issuer       = "https://homelab.k8s.example.net" # the API server's --service-account-issuer, which no other cluster has
  keys               = "cluster"
  keep_previous_keys = true # tokens in flight survive a rotation
  tune               = { default_lease_ttl = "1h", max_lease_ttl = "24h" }
}

resource "tazlab_vault_jwt_role" "grafana" {
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "grafana-consumer"
  user_claim      = "sub"
  bound_audiences = ["https://vault.example.net:8200"]
  bound_subject   = "system:serviceaccount:monitoring:grafana-sa"
  token_policies  = ["grafana"]
  token_ttl       = "24h"
}
