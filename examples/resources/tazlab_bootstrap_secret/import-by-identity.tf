import {
  to = tazlab_bootstrap_secret.oauth
  identity = {
    namespace = "tailscale"
    name      = "operator-oauth"
  }
}
