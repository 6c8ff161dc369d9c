data "tazlab_cluster_jwks" "this" {
  lifecycle {
    postcondition { # an error at plan and apply, a warning during destroy
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}

# For whoever checks tokens of this cluster and cannot fetch its keys.
output "public_keys" {
  value = data.tazlab_cluster_jwks.this.public_keys_pem
}

output "issuer" {
  value = data.tazlab_cluster_jwks.this.issuer
}
