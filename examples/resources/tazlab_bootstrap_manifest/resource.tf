# MetalLB's CRDs and controller may come in the same apply, from helm_release for example.
resource "tazlab_bootstrap_manifest" "pool" {
  manifest = {
    apiVersion = "metallb.io/v1beta1"
    kind       = "IPAddressPool"
    metadata   = { name = "lan", namespace = "metallb-system" }
    spec       = { addresses = ["10.0.0.200-10.0.0.220"] }
  }
}

# The whole of Flux, installed by its operator, and what it waits for.
resource "tazlab_bootstrap_manifest" "flux" {
  yaml = <<-EOT
    apiVersion: fluxcd.controlplane.io/v1
    kind: FluxInstance
    metadata:
      name: flux
      namespace: flux-system
    spec:
      distribution:
        version: 2.x
        registry: ghcr.io/fluxcd
      components: [source-controller, kustomize-controller, helm-controller]
  EOT

  wait_for     = { conditions = { Ready = "True" } }
  failed_when  = { conditions = { Stalled = "True" } }
  hand_over_to = ["kustomize-controller"]
}
