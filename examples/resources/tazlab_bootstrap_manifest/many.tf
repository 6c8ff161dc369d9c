# Each document of a file is a resource of its own, by its name. Namespaces and definitions come first: Terraform applies ten
# resources at once, and ten that wait for a namespace keep it from being created.
locals {
  objects = provider::tazlab::manifests(<<-EOT
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
  first = ["Namespace", "CustomResourceDefinition"]
}

resource "tazlab_bootstrap_manifest" "first" {
  for_each = { for name, object in local.objects : name => object if contains(local.first, object.kind) }
  manifest = each.value
}

resource "tazlab_bootstrap_manifest" "rest" {
  for_each   = { for name, object in local.objects : name => object if !contains(local.first, object.kind) }
  manifest   = each.value
  depends_on = [tazlab_bootstrap_manifest.first]
}
