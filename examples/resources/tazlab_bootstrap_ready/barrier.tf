# Talos with `cluster.network.cni.name: none` and `cluster.proxy.disabled: true`: no node is Ready before Cilium runs, and nothing can
# be installed before the API server is ready.
resource "tazlab_bootstrap_ready" "api_server" {
  triggers = { cluster = var.cluster_generation }

  api_server = true
}

resource "helm_release" "cilium" {
  name       = "cilium"
  namespace  = "kube-system"
  repository = "https://helm.cilium.io"
  chart      = "cilium"
  version    = "1.18.3"
  wait       = false # its pods wait for the nodes

  values = [yamlencode({
    ipam                 = { mode = "kubernetes" }
    kubeProxyReplacement = true
    k8sServiceHost       = "localhost" # KubePrism
    k8sServicePort       = 7445
    cgroup               = { autoMount = { enabled = false }, hostRoot = "/sys/fs/cgroup" }
    securityContext = { capabilities = {
      ciliumAgent      = ["CHOWN", "KILL", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "SYS_ADMIN", "SYS_RESOURCE", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
      cleanCiliumState = ["NET_ADMIN", "SYS_ADMIN", "SYS_RESOURCE"]
    } }
  })]

  depends_on = [tazlab_bootstrap_ready.api_server]
}

# All nodes are Ready: what runs on them can follow.
resource "tazlab_bootstrap_ready" "nodes" {
  triggers = { cluster = var.cluster_generation }

  nodes          = ["*"]
  nodes_at_least = 3
  daemon_sets    = ["kube-system/cilium"]

  depends_on = [helm_release.cilium]
}
