# 9. The repository is valid, everything is up, a login works.

# Offline, before anything is created: manifests that nothing reaches, targets that do not exist, orders that cannot work.
data "tazlab_kustomization" "repository" {
  path    = var.repository
  entries = ["clusters/tazlab-k8s"]
  ignore  = ["**/*.enc.yaml"]

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}

resource "tazlab_bootstrap_ready" "cluster" {
  provider = tazlab.cluster
  triggers = { cluster = terraform_data.cluster_generation.id }
  depends_on = [
    tazlab_coredns.this, tazlab_vault_secret_store.this, tazlab_tailnet_apiserver.this, helm_release.flux_sync,
  ]

  crds                = ["clustersecretstores.external-secrets.io"]
  deployments         = ["kube-system/coredns"]
  flux_kustomizations = ["*"]
  external_secrets    = ["*"]
  secret_stores       = ["*"]
  timeouts            = { create = "15m", update = "15m" }
}

# Requests a token of that ServiceAccount, logs in to Vault with it, revokes what it got, and explains a refusal.
data "tazlab_vault_jwt_login" "grafana" {
  provider   = tazlab.cluster
  depends_on = [tazlab_bootstrap_ready.cluster] # Flux makes that ServiceAccount

  mount           = tazlab_vault_jwt_auth.cluster.mount
  role            = tazlab_vault_jwt_role.grafana.name
  service_account = { namespace = "monitoring", name = "grafana-sa" }
  audiences       = [local.vault_address]

  lifecycle {
    postcondition { # an error at plan and apply, a warning during destroy
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}
