# Terraform 1.16 and newer: whenever the machines are destroyed, also in a replacement, their stale devices follow.
action "tazlab_tailnet_cleanup" "after_destroy" {
  config {
    tags        = ["tag:k8s"]
    hostnames   = ["lushycorp-k8s"]
    offline_for = "30s" # they were destroyed just before; what is connected stays
  }
}

resource "terraform_data" "machines" { # in place of the machines of the cluster
  input = "first"
  lifecycle {
    action_trigger {
      events  = [after_destroy]
      actions = [action.tazlab_tailnet_cleanup.after_destroy]
    }
  }
}
