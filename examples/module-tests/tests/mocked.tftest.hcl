# With a mock of the provider: an apply, whose computed attributes are made up.
mock_provider "tazlab" {
  mock_resource "tazlab_bootstrap_secret" {
    defaults = {
      uid = "0e7b1f0a-6d7e-4a7e-9d5f-3f2b7c6f1a11"
    }
  }
}

variables {
  issuer       = "https://k8s.example.net:6443"
  github_token = "not a real one"
}

run "an_apply_tells_the_uid" {
  assert {
    condition     = output.secret_uid == "0e7b1f0a-6d7e-4a7e-9d5f-3f2b7c6f1a11"
    error_message = "The output is not the Secret's uid."
  }
}
