# A SecretStore has "namespace/name" for its id.
import {
  to = tazlab_vault_secret_store.vault
  identity = {
    id = "vault"
  }
}
