variable "cluster_generation" {
  type    = string
  default = "1"
}

resource "terraform_data" "cluster_generation" {
  triggers_replace = [var.cluster_generation]
}

# Everything of the cluster depends on this resource: on create it runs first and frees the names, on destroy it runs
# last, when the machines are gone.
resource "tazlab_tailnet_cleanup" "k8s" {
  tags          = ["tag:k8s"]
  hostnames     = ["lushycorp-k8s", "lushycorp-vault-egress"] # canonical; -1, -2, … are theirs too
  offline_for   = "2m"
  connected     = "wait"
  protect       = ["lushycorp-vault"]
  max_deletions = 25
  required_free = ["lushycorp-k8s"] # the create fails, and says who holds the name, if it is not free
  triggers      = { cluster = terraform_data.cluster_generation.id }
}
