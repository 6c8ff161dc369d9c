data "tazlab_kustomization" "repo" {
  path    = "../tazlab-k8s"
  entries = ["clusters/tazlab-k8s"]
  ignore  = ["**/*.enc.yaml", "infrastructure/tailscale-dns/**"]

  lifecycle {
    postcondition { # an error at plan and apply, a warning during destroy
      condition     = self.ready
      error_message = join("\n", self.problems) # the manifests that no kustomization reaches, …
    }
  }
}

output "repo" {
  value = data.tazlab_kustomization.repo.summary
}
