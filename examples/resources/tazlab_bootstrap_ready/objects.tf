# What delivers the platform says in many ways that it is ready.
resource "tazlab_bootstrap_ready" "platform" {
  triggers = { cluster = var.cluster_generation }

  nodes          = ["*"]
  nodes_at_least = 3

  objects = [
    # Kinds that the provider knows.
    { kind = "VaultStaticSecret.secrets.hashicorp.com", names = ["*"] },
    { kind = "PostgresCluster.postgres-operator.crunchydata.com", names = ["tazlab/db"] },
    { kind = "Certificate.cert-manager.io", names = ["blog/*"] },
    { kind = "PersistentVolumeClaim", names = ["tazlab/data"] },
    # Any other kind: its conditions Ready or Available.
    { kind = "ScaledObject.keda.sh", names = ["blog/*"] },
    # Or what you say.
    { kind = "Backup.velero.io", names = ["velero/first"], fields = { "status.phase" = "Completed" } },
    { kind = "FlowSchema.flowcontrol.apiserver.k8s.io", names = ["probes"], conditions = { Dangling = "False" } },
  ]
}
