data "tazlab_tailnet_devices" "k8s" {
  tags = ["tag:k8s"]
}

# Which names are competed for, and who holds them.
output "ghosts" {
  value = {
    for ghost in data.tazlab_tailnet_devices.k8s.ghosts :
    ghost.canonical_name => ghost.holder == null ? "nobody" : ghost.holder.node_id
  }
}

output "summary" {
  value = data.tazlab_tailnet_devices.k8s.summary
}
