import {
  to = tazlab_coredns.this
  identity = {
    namespace = "kube-system"
    name      = "coredns"
  }
}
