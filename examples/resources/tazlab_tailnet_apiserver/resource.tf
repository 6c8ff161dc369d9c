resource "tazlab_tailnet_apiserver" "this" {
  hostname = "lushycorp-k8s" # lushycorp-k8s-1 instead of it is an error
  tags     = ["tag:k8s"]
}

output "address" {
  value = "https://${tazlab_tailnet_apiserver.this.fqdn}:6443"
}
