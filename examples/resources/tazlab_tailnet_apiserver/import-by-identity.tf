import {
  to = tazlab_tailnet_apiserver.this
  identity = {
    namespace = "kube-system"
    name      = "tailscale-apiserver"
  }
}
