# 6. Vault trusts the cluster. The signing keys are read through the API server and compared at every plan: a rotated key is a
# planned update.
resource "tazlab_vault_jwt_auth" "cluster" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [talos_machine_bootstrap.this]

  mount         = "jwt"
  description   = "ServiceAccount tokens of ${local.api_host}"
  bound_issuer  = local.issuer
  keys          = "cluster"
  managed_roles = ["grafana-consumer"]
}

resource "tazlab_vault_jwt_role" "grafana" {
  provider = tazlab.cluster

  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "grafana-consumer"
  bound_audiences = [local.vault_address]
  bound_subject   = "system:serviceaccount:monitoring:grafana-sa"
  user_claim      = "sub"
  token_policies  = ["grafana"]
  token_ttl       = "24h"
}

# External Secrets reads Vault, once Flux has installed it, its kinds are served, and the egress works.
resource "tazlab_vault_secret_store" "this" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [tazlab_tailnet_egress.vault, tazlab_coredns.this]

  name     = "tazlab-secrets-vault"
  kind     = "ClusterSecretStore"
  server   = local.vault_address
  kv_mount = "secret"
  auth     = { token_secret = { namespace = "external-secrets", name = tazlab_bootstrap_secret.eso.name, key = "token" } }
  ca       = { secret = { namespace = "external-secrets", name = tazlab_bootstrap_secret.vault_ca.name, key = "ca.crt" } }
  timeouts = { create = "15m" } # until the kind is served, then until Ready: the condition's message is the error
}
