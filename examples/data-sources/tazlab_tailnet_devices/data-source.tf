data "tazlab_tailnet_devices" "k8s" {
  tags = ["tag:k8s"]
}

# Names that several devices requested, and which of them holds each.
output "ghosts" {
  value = {
    for ghost in data.tazlab_tailnet_devices.k8s.ghosts :
    ghost.canonical_name => ghost.holder == null ? "none" : ghost.holder.node_id
  }
}

output "summary" {
  value = data.tazlab_tailnet_devices.k8s.summary
}
