locals {
  objects = provider::tazlab::manifests(file("objects.yaml"))
  first   = ["Namespace", "CustomResourceDefinition"]
}

# Terraform applies ten resources at once: what others wait for has a resource of its own, before them.
resource "tazlab_bootstrap_manifest" "first" {
  for_each = { for name, object in local.objects : name => object if contains(local.first, object.kind) }
  manifest = each.value
}

resource "tazlab_bootstrap_manifest" "rest" {
  for_each   = { for name, object in local.objects : name => object if !contains(local.first, object.kind) }
  manifest   = each.value
  depends_on = [tazlab_bootstrap_manifest.first]
}
