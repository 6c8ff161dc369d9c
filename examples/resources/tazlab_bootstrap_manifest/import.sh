# Without namespace for a kind that has none.
terraform import tazlab_bootstrap_manifest.pool apiVersion=metallb.io/v1beta1,kind=IPAddressPool,namespace=metallb-system,name=lan
