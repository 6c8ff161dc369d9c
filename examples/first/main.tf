# A Secret whose content is in a file, and in no state. Any cluster will do; `kind create cluster` makes one.

terraform {
  required_version = ">= 1.11"
  required_providers {
    tazlab = { source = "tazlab/tazlab" }
  }
}

variable "kubeconfig" {
  description = "The kubeconfig of the cluster."
  type        = string
  default     = "~/.kube/config"
}

provider "tazlab" {
  kubernetes = { config_path = var.kubeconfig }
}

resource "tazlab_bootstrap_secret" "first" {
  namespace        = "first"
  name             = "credential"
  create_namespace = true
  values           = { username = "robot" } # not secret: kept in state
  files            = { token = "token" }    # a secret: compared in memory, stored nowhere
}

data "tazlab_bootstrap_status" "dns" {
  deployments = ["kube-system/coredns"]
}

output "dns" {
  value = data.tazlab_bootstrap_status.dns.summary
}
