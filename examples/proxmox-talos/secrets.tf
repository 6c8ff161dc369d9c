# 5. Secrets that nothing else can deliver yet. Each gets its real owner later.
resource "tazlab_bootstrap_secret" "tailscale_oauth" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [talos_machine_bootstrap.this]

  namespace        = "tailscale"
  name             = "tailscale-operator-oauth"
  create_namespace = true
  namespace_labels = { "pod-security.kubernetes.io/enforce" = "privileged" } # Talos enforces baseline
  files = {
    clientId     = "${var.secrets}/tailscale-operator-client-id"
    clientSecret = "${var.secrets}/tailscale-operator-client-secret"
  }
  hand_over_to = ["external-secrets", "kustomize-controller"]
}

resource "tazlab_bootstrap_secret" "flux_git" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [talos_machine_bootstrap.this]

  namespace        = "flux-system"
  name             = "flux-system"
  create_namespace = true
  type             = "kubernetes.io/basic-auth"
  values           = { username = "git" } # not secret: kept in state
  files            = { password = "${var.secrets}/github-token" }
}

# External Secrets, which Flux installs, reads Vault with these.
resource "tazlab_bootstrap_secret" "eso" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [talos_machine_bootstrap.this]

  namespace        = "external-secrets"
  name             = "vault-eso-token"
  create_namespace = true
  vault            = { token = { mount = "secret", path = "tazlab-k8s/bootstrap", field = "ESO_READER_TOKEN" } }
}

resource "tazlab_bootstrap_secret" "vault_ca" {
  provider   = tazlab.cluster
  triggers   = { cluster = terraform_data.cluster_generation.id }
  depends_on = [talos_machine_bootstrap.this]

  namespace        = "external-secrets"
  name             = "vault-ca-cert"
  create_namespace = true
  vault            = { "ca.crt" = { mount = "secret", path = "tazlab-k8s/bootstrap", field = "VAULT_CA_CRT" } }
}
