# By namespace and name of the Service.
terraform import tazlab_tailnet_apiserver.this kube-system/tailscale-apiserver
