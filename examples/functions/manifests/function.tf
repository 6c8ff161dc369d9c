resource "tazlab_bootstrap_manifest" "all" {
  for_each = provider::tazlab::manifests(file("objects.yaml"))
  manifest = each.value
}
