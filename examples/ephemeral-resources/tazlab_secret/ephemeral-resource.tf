# A Secret that a controller in the cluster has made.
ephemeral "tazlab_secret" "admin" {
  namespace = "monitoring"
  name      = "grafana-admin"
}

# A write-only argument accepts it: here a copy for another namespace.
resource "tazlab_bootstrap_secret" "copy" {
  namespace         = "dashboards"
  name              = "grafana-admin"
  create_namespace  = true
  values_wo         = { password = ephemeral.tazlab_secret.admin.data["password"] }
  values_wo_version = 1
}

# A Secret that is created in the same run: it is read when its uid is known.
ephemeral "tazlab_secret" "copied" {
  namespace = tazlab_bootstrap_secret.copy.namespace
  name      = tazlab_bootstrap_secret.copy.name
  after     = tazlab_bootstrap_secret.copy.uid
}

resource "tazlab_bootstrap_secret" "binary" {
  namespace         = tazlab_bootstrap_secret.copy.namespace
  name              = "grafana-binary"
  values_wo_base64  = { password = ephemeral.tazlab_secret.copied.data_base64["password"] }
  values_wo_version = 1
}
