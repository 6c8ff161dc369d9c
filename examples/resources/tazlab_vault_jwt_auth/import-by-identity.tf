# `vault auth list` shows the accessor.
import {
  to = tazlab_vault_jwt_auth.cluster
  identity = {
    accessor = "auth_jwt_1a2b3c4d"
  }
}
