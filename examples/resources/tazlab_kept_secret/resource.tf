# What changes whenever the cluster is recreated.
resource "terraform_data" "cluster_generation" {
  input = "2026-11"
}

# The ACME account: without it, cert-manager registers a new one in every cluster.
resource "tazlab_kept_secret" "acme_account" {
  triggers         = { cluster = terraform_data.cluster_generation.id }
  namespace        = "cert-manager"
  name             = "letsencrypt-account"
  create_namespace = true
  vault            = { mount = "secret", path = "kept/letsencrypt-account" }
}

# The certificate: Let's Encrypt issues five a week for the same names.
resource "tazlab_kept_secret" "blog_tls" {
  triggers         = { cluster = terraform_data.cluster_generation.id }
  namespace        = "blog"
  name             = "blog-tls"
  create_namespace = true
  vault            = { mount = "secret", path = "kept/blog-tls" }

  # One that expires sooner is not restored: cert-manager makes a new one.
  minimum_validity = "72h"
}

# Whatever brings the Issuer and the Certificate comes after both: here the Secret that lets Flux begin.
resource "tazlab_bootstrap_secret" "flux" {
  namespace        = "flux-system"
  name             = "flux-system"
  create_namespace = true
  values           = { username = "git" }

  depends_on = [tazlab_kept_secret.acme_account, tazlab_kept_secret.blog_tls]
}
