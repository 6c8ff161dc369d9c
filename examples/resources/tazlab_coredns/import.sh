# By namespace and name of the Deployment.
terraform import tazlab_coredns.this kube-system/coredns
