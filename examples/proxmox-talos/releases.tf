# 7. What others' charts bring. Each release is replaced with the generation: the old cluster took them along. `timeouts.read`
# bounds how long a plan asks a cluster that is gone: the release is then dropped from the state.
resource "helm_release" "external_secrets" {
  name             = "external-secrets"
  namespace        = "external-secrets"
  create_namespace = true
  repository       = "https://charts.external-secrets.io"
  chart            = "external-secrets"
  version          = "0.18.2"
  timeout          = 600
  timeouts         = { create = "15m", read = var.read_timeout, update = "15m", delete = "5m" }
  set              = [{ name = "installCRDs", value = "true" }]

  depends_on = [tazlab_coredns.this]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}

resource "helm_release" "flux" {
  name       = "flux2"
  namespace  = tazlab_bootstrap_secret.flux_git.namespace
  repository = "https://fluxcd-community.github.io/helm-charts"
  chart      = "flux2"
  version    = "2.17.1"
  timeout    = 600
  timeouts   = { create = "15m", read = var.read_timeout, update = "15m", delete = "5m" }

  depends_on = [tazlab_coredns.this]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}

# The repository itself. On destroy it goes before Flux, which takes away what it made.
resource "helm_release" "flux_sync" {
  name       = "flux-system"
  namespace  = tazlab_bootstrap_secret.flux_git.namespace
  repository = "https://fluxcd-community.github.io/helm-charts"
  chart      = "flux2-sync"
  version    = "1.14.0"
  timeout    = 300
  timeouts   = { create = "10m", read = var.read_timeout, update = "10m", delete = "5m" }
  values = [yamlencode({
    gitRepository = { spec = { url = var.repository_url, secretRef = { name = tazlab_bootstrap_secret.flux_git.name } } }
    kustomization = { spec = { path = "clusters/tazlab-k8s", prune = true, wait = false } }
  })]

  depends_on = [helm_release.flux, data.tazlab_kustomization.repository]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}
