# A module of your own, with tests beside it: `terraform test` needs no cluster, no Vault and no tailnet.
terraform {
  required_providers {
    tazlab = { source = "tazlab/tazlab" }
  }
}

variable "issuer" {
  type        = string
  description = "What the cluster's ServiceAccount tokens name as their issuer."

  validation {
    condition     = startswith(var.issuer, "https://") && !endswith(var.issuer, "/")
    error_message = "The issuer is an https URL without a slash at its end: Vault compares it letter by letter."
  }
}

variable "github_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

# What Flux needs before it can read the repository that everything else comes from.
resource "tazlab_bootstrap_secret" "flux" {
  namespace        = "flux-system"
  name             = "flux-system"
  create_namespace = true
  values           = { username = "git" }
  values_wo        = { password = var.github_token }
  hand_over_to     = ["external-secrets"]
}

resource "tazlab_vault_jwt_auth" "cluster" {
  mount        = "kubernetes"
  keys         = "cluster"
  bound_issuer = var.issuer
}

resource "tazlab_vault_jwt_role" "flux" {
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "flux"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_subject   = "system:serviceaccount:${tazlab_bootstrap_secret.flux.namespace}:flux"
  token_policies  = ["flux"]
}

output "hostname" {
  value = provider::tazlab::tailnet_canonical_name("lushycorp-k8s-2.tail1234.ts.net")
}

output "secret_uid" {
  value = tazlab_bootstrap_secret.flux.uid
}
