# Sourced by the demonstration and by the recordings: examples/quickstart in a folder of its own with secrets of this run, and the
# provider installed from a file-system mirror as it would be from the registry. It needs the settings of a testbed that is up.
# shellcheck shell=bash disable=SC2154 # of place.bash, which is sourced before
work=$cache/demo

kubectl() { "$TAZLAB_TEST_KUBECTL" --kubeconfig "$TAZLAB_TEST_KUBECONFIG" "$@"; }
terraform() { (cd "$work/configuration" && "$TAZLAB_TEST_TERRAFORM" "$@"); }
random() { openssl rand -hex 16; }

# install_provider BINARY: into the mirror, for the Terraform of the testbed.
install_provider() {
  local version platform place
  mkdir -p "$work/secrets" "$work/configuration" && chmod 700 "$work"
  export TF_CLI_CONFIG_FILE=$work/terraform.tfrc TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
  printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$work/mirror" > "$TF_CLI_CONFIG_FILE"
  version=$("$1" --version | cut -d' ' -f2)
  platform=$("$TAZLAB_TEST_TERRAFORM" version -json | jq -r .platform)
  place=$work/mirror/registry.terraform.io/tazlab/tazlab/$version/$platform
  mkdir -p "$place" && install -m 755 "$1" "$place/terraform-provider-tazlab_v$version"
}

# The example as it stands, with its provider.
install_example() {
  install -m 644 "$root"/examples/quickstart/*.tf "$work/configuration/"
  rm -f "$work/configuration/.terraform.lock.hcl"
  terraform init -no-color | sed -n '/Install/p; /successfully/p'
}

# What an earlier run left. The test of the whole lifecycle takes the testbed's namespaces away and puts them back: what it put back is
# not the example's any more, so the destroy leaves it.
clear_left_over() {
  if [ -s "$work/configuration/terraform.tfstate" ] && grep -q '"type": "tazlab' "$work/configuration/terraform.tfstate"; then
    terraform destroy -auto-approve -no-color | grep -E '^(tazlab|Destroy)'
  fi
  kubectl delete secret --ignore-not-found -n tailscale tailscale-operator-oauth
  kubectl delete secret --ignore-not-found -n flux-system flux-system registry
  kubectl delete secret --ignore-not-found -n external-secrets vault-ca-cert
}

variables() {
  export TF_VAR_kubeconfig=$TAZLAB_TEST_KUBECONFIG TF_VAR_secrets=$work/secrets
  TF_VAR_registry_password=$(random)
  export TF_VAR_registry_password
}

secrets() {
  local name
  for name in tailscale-operator-client-id tailscale-operator-client-secret github-token; do random > "$work/secrets/$name"; done
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=vault of the demo' -days 365 \
    -keyout "$work/secrets/vault-ca.key" -out "$work/secrets/vault-ca.crt" 2> /dev/null
}
