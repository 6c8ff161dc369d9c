import {
  to = tazlab_vault_jwt_role.backup
  identity = {
    path = "jwt"
    name = "backup"
  }
}
