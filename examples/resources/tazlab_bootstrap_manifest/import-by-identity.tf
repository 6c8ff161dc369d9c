import {
  to = tazlab_bootstrap_manifest.pool
  identity = {
    api_version = "metallb.io/v1beta1"
    kind        = "IPAddressPool"
    namespace   = "metallb-system"
    name        = "lan"
  }
}
