locals {
  # As a file: provider::tazlab::talos_checked_patch(file("patches/control-plane.yaml"))
  patch = <<-YAML
    machine:
      install:
        disk: /dev/vda
      certSANs:
        - talos.example.ts.net
    cluster:
      apiServer:
        certSANs:
          - k8s.example.ts.net
  YAML
}

# machine.certSANs is meant here: talosctl reaches this machine by that name. Without the second argument it is refused.
output "control_plane_patch" {
  value = provider::tazlab::talos_checked_patch(local.patch, "machine.certSANs")
}
