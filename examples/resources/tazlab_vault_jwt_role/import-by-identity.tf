import {
  to = tazlab_vault_jwt_role.backup
  identity = {
    mount = "jwt"
    name  = "backup"
  }
}
