# A SecretStore has a namespace, too.
import {
  to = tazlab_vault_secret_store.vault
  identity = {
    name = "vault"
  }
}
