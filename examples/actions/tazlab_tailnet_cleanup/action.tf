# Terraform 1.14 and newer: terraform apply -invoke=action.tazlab_tailnet_cleanup.ghosts
action "tazlab_tailnet_cleanup" "ghosts" {
  config {
    tags        = ["tag:k8s"]
    hostnames   = ["lushycorp-k8s"]
    offline_for = "10m"
  }
}
