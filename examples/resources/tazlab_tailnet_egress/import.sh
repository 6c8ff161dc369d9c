# By namespace and name of the Service.
terraform import tazlab_tailnet_egress.vault tailscale/lushycorp-vault
