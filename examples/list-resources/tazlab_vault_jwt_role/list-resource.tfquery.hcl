# The roles of every mount; with mount = "jwt" in a config block, of that one.
list "tazlab_vault_jwt_role" "all" {
  provider = tazlab
  limit    = 1000
}
