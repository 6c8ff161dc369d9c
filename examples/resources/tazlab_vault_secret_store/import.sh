# A ClusterSecretStore by its name, a SecretStore by namespace/name.
terraform import tazlab_vault_secret_store.vault vault
