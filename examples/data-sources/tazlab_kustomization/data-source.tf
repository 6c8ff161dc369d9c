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

# Problems stop the plan; notes are a warning, and the run goes on.
check "repo_notes" {
  assert {
    condition     = length(data.tazlab_kustomization.repo.notes) == 0
    error_message = join("\n", data.tazlab_kustomization.repo.notes)
  }
}

output "repo" {
  value = data.tazlab_kustomization.repo.summary
}
