output "bootstrap" {
  description = "One line: what is ready."
  value       = tazlab_bootstrap_ready.cluster.summary
}

output "repository" {
  description = "One line: what the repository holds."
  value       = data.tazlab_kustomization.repository.summary
}

output "api_server" {
  description = "The API server's name on the tailnet."
  value       = tazlab_tailnet_apiserver.this.fqdn
}

output "removed_devices" {
  description = "The devices that the last cleanup deleted."
  value       = tazlab_tailnet_cleanup.k8s.removed_devices[*].name
}

output "kubeconfig" {
  description = "The cluster's kubeconfig: an administrator's credential, which is in the state."
  value       = talos_cluster_kubeconfig.this.kubeconfig_raw
  sensitive   = true
}

output "talosconfig" {
  description = "For talosctl: an administrator's credential, which is in the state."
  value       = data.talos_client_configuration.this.talos_config
  sensitive   = true
}
