# Each document of a file is a resource of its own, by its name.
resource "tazlab_bootstrap_manifest" "all" {
  for_each = provider::tazlab::manifests(<<-EOT
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: cluster
      namespace: web
    data:
      domain: example.com
  EOT
  )

  manifest = each.value
}
