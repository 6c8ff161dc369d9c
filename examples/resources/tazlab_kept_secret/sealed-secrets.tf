# The keys of sealed-secrets have generated names, and a new one joins them every month: all of them are in one copy.
resource "tazlab_kept_secret" "sealing_keys" {
  namespace      = "kube-system"
  label_selector = "sealedsecrets.bitnami.com/sealed-secrets-key"
  vault          = { mount = "secret", path = "kept/sealing-keys" }
}
