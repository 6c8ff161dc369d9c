# By namespace and name.
terraform import tazlab_bootstrap_secret.oauth tailscale/operator-oauth
