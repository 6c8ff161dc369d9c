terraform {
  required_version = ">= 1.11"

  required_providers {
    proxmox = {
      source  = "bpg/proxmox"
      version = ">= 0.100" # proxmox_download_file
    }
    talos = {
      source  = "siderolabs/talos"
      version = ">= 0.9"
    }
    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.1"
    }
    tazlab = {
      source = "tazlab/tazlab"
    }
  }
}
