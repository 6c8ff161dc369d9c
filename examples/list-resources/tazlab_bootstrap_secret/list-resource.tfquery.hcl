# terraform query -generate-config-out=secrets.tf
list "tazlab_bootstrap_secret" "web" {
  provider = tazlab
  limit    = 50

  config {
    namespace      = "web"
    label_selector = "app=web,tier!=test"
    managed        = false # not those that this provider wrote
  }
}
