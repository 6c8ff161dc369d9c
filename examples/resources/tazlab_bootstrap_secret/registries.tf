# The same login in each namespace that pulls from the registry.
resource "tazlab_bootstrap_secret" "pull" {
  for_each = toset(["blog", "grafana", "jobs", "mail", "photos", "shop"])

  namespace        = each.key
  name             = "ghcr-pull"
  create_namespace = true

  # The type is kubernetes.io/dockerconfigjson. The program runs once in a plan, not six times.
  docker_registries = {
    "ghcr.io" = { username = "tazlab", password_command = ["gopass", "show", "-o", "infra/ghcr"] }
  }
}

# The same without anything of it in the state: the user name is write-only, too.
variable "registry" {
  type      = object({ username = string, password = string })
  ephemeral = true
}

resource "tazlab_bootstrap_secret" "never_stored" {
  namespace                    = tazlab_bootstrap_secret.pull["blog"].namespace
  name                         = "registry-pull"
  docker_registries_wo         = { "registry.example.net:5000" = var.registry }
  docker_registries_wo_version = 1
}
