# By path: jwt, jwt/ and auth/jwt are the same.
terraform import tazlab_vault_jwt_auth.cluster jwt
