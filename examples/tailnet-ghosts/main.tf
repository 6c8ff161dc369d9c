# Three earlier clusters left three devices. One apply frees the name, one destroy leaves nothing.
terraform {
  required_version = ">= 1.11"
  required_providers {
    tazlab = { source = "tazlab/tazlab" }
  }
}

variable "base_url" {
  description = "The API's address; another one for a self-hosted control plane."
  type        = string
  default     = "https://api.tailscale.com"
}

variable "api_key" {
  description = "An API access token. An OAuth client with the scope devices:core is better; see the provider's documentation."
  type        = string
  ephemeral   = true
}

provider "tazlab" {
  tailscale = {
    base_url = var.base_url
    api_key  = var.api_key
  }
}

variable "cluster_generation" {
  description = "A new value recreates the cluster under the same names."
  type        = string
  default     = "1"
}

resource "tazlab_tailnet_cleanup" "k8s" {
  tags          = ["tag:k8s"]
  hostnames     = ["lushycorp-k8s"]
  offline_for   = "2m"
  required_free = ["lushycorp-k8s"]
  triggers      = { cluster = var.cluster_generation }
}

# What is there once the cleanup is done.
data "tazlab_tailnet_devices" "all" {
  depends_on = [tazlab_tailnet_cleanup.k8s]
}

output "removed" {
  value = tazlab_tailnet_cleanup.k8s.removed_devices[*].name
}

output "tailnet" {
  value = data.tazlab_tailnet_devices.all.devices[*].name
}
