# A mount that somebody else looks after.
resource "tazlab_vault_jwt_role" "backup" {
  mount             = "jwt"
  name              = "backup"
  user_claim        = "sub"
  bound_audiences   = ["https://vault.example.net:8200"]
  bound_claims_type = "glob"
  bound_claims = {
    "/kubernetes.io/namespace"           = ["backup-*"]
    "/kubernetes.io/serviceaccount/name" = ["velero", "restic"]
  }
  token_policies = ["backup"]
  token_ttl      = "15m"
  token_max_ttl  = "1h"
}
