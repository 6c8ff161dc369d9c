# The token is in a password store, until Vault has it: Vault comes first, and what is in the cluster follows it.
resource "tazlab_bootstrap_secret" "github" {
  namespace        = "flux-system"
  name             = "flux-system"
  create_namespace = true

  values = { username = "git" }

  vault    = { password = { mount = "secret", path = "infra/github", field = "token" } }
  commands = { password = ["gopass", "show", "-o", "infra/github"] }
  first_of = ["vault", "commands"]

  # With this gopass says that it has no such entry. Any other failure is an error, or keeps what is in the cluster.
  absent_exit_codes = [10]
}

# One key of a file that sops has encrypted. The arguments are kept in state: they hold no secret.
resource "tazlab_bootstrap_secret" "oauth" {
  namespace       = tazlab_bootstrap_secret.github.namespace
  name            = "oauth"
  commands        = { client_secret = ["sops", "decrypt", "--extract", "[\"clientSecret\"]", "${path.module}/oauth.sops.yaml"] }
  command_timeout = "1m"
}
