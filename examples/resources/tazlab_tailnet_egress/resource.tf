resource "tazlab_tailnet_egress" "vault" {
  namespace = "tailscale"
  name      = "lushycorp-vault"
  fqdn      = "lushycorp-vault.tail1234.ts.net"
  hostname  = "lushycorp-vault-egress" # the proxy's own device, for tazlab_tailnet_cleanup to find
  tags      = ["tag:k8s"]
}
