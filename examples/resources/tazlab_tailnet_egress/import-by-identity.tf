import {
  to = tazlab_tailnet_egress.vault
  identity = {
    namespace = "tailscale"
    name      = "lushycorp-vault"
  }
}
