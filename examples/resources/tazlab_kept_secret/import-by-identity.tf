import {
  to = tazlab_kept_secret.blog_tls
  identity = {
    namespace = "blog"
    name      = "blog-tls"
    mount     = "secret"
    path      = "kept/blog-tls"
  }
}
