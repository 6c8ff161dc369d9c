data "tazlab_tailnet_nameserver" "this" {
  namespace = "tailscale"
  lifecycle {
    postcondition { # an error at plan and apply, a warning during destroy
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}
