# 2. Machines.
resource "talos_image_factory_schematic" "this" {
  schematic = yamlencode({
    customization = { systemExtensions = { officialExtensions = ["siderolabs/qemu-guest-agent"] } }
  })
}

data "talos_image_factory_urls" "this" {
  talos_version = var.talos_version
  schematic_id  = talos_image_factory_schematic.this.id
  platform      = "nocloud"
  architecture  = "amd64"
}

resource "proxmox_download_file" "talos" {
  for_each = toset([for machine in var.machines : machine.proxmox_node])

  content_type = "iso"
  datastore_id = "local"
  node_name    = each.key
  url          = data.talos_image_factory_urls.this.urls.iso
  file_name    = "talos-${var.talos_version}-nocloud-amd64.iso"
}

resource "proxmox_virtual_environment_vm" "this" {
  for_each = var.machines

  name            = each.key
  node_name       = each.value.proxmox_node
  vm_id           = each.value.vm_id
  tags            = ["talos", var.cluster_name]
  machine         = "q35"
  scsi_hardware   = "virtio-scsi-single"
  boot_order      = ["virtio0", "ide2"]
  stop_on_destroy = true # a Talos that has no configuration yet does not answer a shutdown

  cpu {
    cores = each.value.cores
    type  = "x86-64-v2-AES"
  }
  memory {
    dedicated = each.value.memory
  }
  cdrom {
    file_id   = proxmox_download_file.talos[each.value.proxmox_node].id
    interface = "ide2"
  }
  disk {
    datastore_id = "local-lvm"
    interface    = "virtio0"
    size         = each.value.disk
    file_format  = "raw"
    iothread     = true
    discard      = "on"
  }
  network_device {
    bridge = "vmbr0"
  }
  operating_system {
    type = "l26"
  }
  initialization {
    datastore_id = "local-lvm"
    dns {
      servers = var.upstreams
    }
    ip_config {
      ipv4 {
        address = each.value.address
        gateway = var.gateway
      }
    }
  }

  depends_on = [tazlab_tailnet_cleanup.k8s] # the names are free before the first machine exists
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
}
