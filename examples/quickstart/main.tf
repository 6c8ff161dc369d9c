# The first secrets of a new cluster: what nothing else can deliver yet. `make demo` applies this folder.

terraform {
  required_version = ">= 1.11"
  required_providers {
    tazlab = { source = "tazlab/tazlab" }
  }
}

variable "kubeconfig" {
  description = "The kubeconfig of the cluster."
  type        = string
}

variable "secrets" {
  description = "The folder with the secret files."
  type        = string
  default     = "~/secrets"
}

variable "registry_password" {
  description = "The password of the image registry. It is never stored."
  type        = string
  sensitive   = true
  ephemeral   = true
}

provider "tazlab" {
  kubernetes = { config_path = var.kubeconfig }
}

# Two files, in a namespace that is made for them and may run Tailscale's privileged proxies.
resource "tazlab_bootstrap_secret" "tailscale_oauth" {
  namespace        = "tailscale"
  name             = "tailscale-operator-oauth"
  create_namespace = true
  namespace_labels = { "pod-security.kubernetes.io/enforce" = "privileged" }
  files = {
    clientId     = "${var.secrets}/tailscale-operator-client-id"
    clientSecret = "${var.secrets}/tailscale-operator-client-secret"
  }
  hand_over_to = ["external-secrets", "kustomize-controller"]
}

# A plain value, which may be kept in state, beside a secret file, which may not.
resource "tazlab_bootstrap_secret" "flux_git" {
  namespace        = "flux-system"
  name             = "flux-system"
  create_namespace = true
  type             = "kubernetes.io/basic-auth"
  values           = { username = "git" }
  files            = { password = "${var.secrets}/github-token" }
}

# A certificate: only the newline at its end is cut off.
resource "tazlab_bootstrap_secret" "vault_ca" {
  namespace        = "external-secrets"
  name             = "vault-ca-cert"
  create_namespace = true
  files            = { "ca.crt" = "${var.secrets}/vault-ca.crt" }
}

# A write-only value. Terraform stores it nowhere; it is compared with the cluster at every plan.
resource "tazlab_bootstrap_secret" "registry" {
  namespace        = "flux-system"
  name             = "registry"
  create_namespace = true
  values           = { username = "robot" }
  values_wo        = { password = var.registry_password }
}

output "keys" {
  description = "Which keys the last apply wrote."
  value = {
    for secret in [
      tazlab_bootstrap_secret.tailscale_oauth, tazlab_bootstrap_secret.flux_git,
      tazlab_bootstrap_secret.vault_ca, tazlab_bootstrap_secret.registry,
    ] : "${secret.namespace}/${secret.name}" => secret.changed_keys
  }
}
