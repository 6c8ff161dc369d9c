# By the whole path.
terraform import tazlab_vault_jwt_role.backup auth/jwt/role/backup
