# With the provider itself: a plan of what does not exist yet sends no request. Arguments are checked as in a real run.
variables {
  issuer       = "https://k8s.example.net:6443"
  github_token = "not a real one"
}

run "the_role_lets_flux_in" {
  command = plan

  assert {
    condition     = tazlab_vault_jwt_role.flux.bound_subject == "system:serviceaccount:flux-system:flux"
    error_message = "The role is for another ServiceAccount than Flux's."
  }

  assert {
    condition     = output.hostname == "lushycorp-k8s"
    error_message = "Functions of the provider answer in tests too."
  }
}

run "a_trailing_slash_is_refused" {
  command = plan

  variables {
    issuer = "https://k8s.example.net:6443/"
  }

  expect_failures = [var.issuer]
}
