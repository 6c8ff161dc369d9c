# 7. Flux, and nothing else: whatever does not depend on the machines comes from the repository that it follows, External Secrets
# and Tailscale's operator included. Each release is replaced with the generation: the old cluster took them along. `timeouts.read`
# bounds how long a plan waits for a cluster that does not exist any more: the release is then dropped from the state.
resource "helm_release" "flux" {
  name       = "flux2"
  namespace  = tazlab_bootstrap_secret.flux_git.namespace
  repository = "https://fluxcd-community.github.io/helm-charts"
  chart      = "flux2"
  version    = "2.18.3"
  timeout    = 600
  timeouts   = { create = "15m", read = var.read_timeout, update = "15m", delete = "5m" }

  depends_on = [tazlab_coredns.this]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}

# The repository. It comes after the secrets that its controllers need. On destroy it goes before Flux, which deletes what it
# created.
resource "helm_release" "flux_sync" {
  name       = "flux-system"
  namespace  = tazlab_bootstrap_secret.flux_git.namespace
  repository = "https://fluxcd-community.github.io/helm-charts"
  chart      = "flux2-sync"
  version    = "1.14.5"
  timeout    = 300
  timeouts   = { create = "10m", read = var.read_timeout, update = "10m", delete = "5m" }
  values = [yamlencode({
    gitRepository = {
      spec = {
        url       = var.repository_url
        ref       = { branch = "main" } # the chart's default is master
        secretRef = { name = tazlab_bootstrap_secret.flux_git.name }
      }
    }
    kustomization = { spec = { path = "clusters/tazlab-k8s", prune = true, wait = false } }
  })]

  depends_on = [
    helm_release.flux, data.tazlab_kustomization.repository,
    tazlab_bootstrap_secret.tailscale_oauth, tazlab_bootstrap_secret.eso, tazlab_bootstrap_secret.vault_ca,
  ]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}
