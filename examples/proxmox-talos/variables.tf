variable "cluster_name" {
  description = "The cluster's name: its API server is <name>-k8s on the tailnet, Vault's device <name>-vault."
  type        = string
  default     = "lushycorp"
}

variable "cluster_generation" {
  description = "A new value recreates the cluster: new machines, the same names."
  type        = string
  default     = "1"
}

variable "tailnet_domain" {
  description = "The tailnet's MagicDNS domain."
  type        = string
  default     = "magellanic-gondola.ts.net"
}

variable "machines" {
  description = "The cluster's machines by name. The first control plane machine bootstraps the cluster."
  type = map(object({
    role         = string # controlplane or worker
    proxmox_node = string
    vm_id        = number
    address      = string # with its prefix length, such as 192.168.1.70/24
    cores        = optional(number, 4)
    memory       = optional(number, 8192) # MiB
    disk         = optional(number, 60)   # GiB
  }))
  default = {
    lushycorp-cp-1     = { role = "controlplane", proxmox_node = "pve", vm_id = 470, address = "192.168.1.70/24" }
    lushycorp-worker-1 = { role = "worker", proxmox_node = "pve", vm_id = 471, address = "192.168.1.71/24" }
    lushycorp-worker-2 = { role = "worker", proxmox_node = "pve", vm_id = 472, address = "192.168.1.72/24" }
  }

  validation {
    condition     = alltrue([for machine in var.machines : contains(["controlplane", "worker"], machine.role)])
    error_message = "role is \"controlplane\" or \"worker\"."
  }
  validation {
    condition     = anytrue([for machine in var.machines : machine.role == "controlplane"])
    error_message = "One machine at least must be a control plane."
  }
}

variable "gateway" {
  description = "The gateway of the machines' network."
  type        = string
  default     = "192.168.1.1"
}

variable "upstreams" {
  description = "The DNS servers that resolve names of the internet for the machines and the cluster."
  type        = list(string)
  default     = ["1.1.1.1", "8.8.8.8"]
}

variable "talos_version" {
  description = "The version of Talos."
  type        = string
  default     = "v1.13.9"
}

variable "kubernetes_version" {
  description = "The version of Kubernetes."
  type        = string
  default     = "1.36.3"
}

variable "proxmox_endpoint" {
  description = "The address of Proxmox' API."
  type        = string
  default     = "https://pve.example:8006/"
}

variable "proxmox_api_token" {
  description = "A token of Proxmox' API, <user>@<realm>!<name>=<secret>. It is never stored."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "secrets" {
  description = "The folder with the secret files; README.md lists them."
  type        = string
  default     = "~/secrets"
}

variable "tailscale_api" {
  description = "The address of the control plane's API; another one where it is self-hosted."
  type        = string
  default     = "https://api.tailscale.com"
}

variable "vault_address" {
  description = "Vault's address, as this machine and the cluster reach it (default: its name on the tailnet)."
  type        = string
  default     = null
}

variable "issuer" {
  description = "The issuer of the cluster's ServiceAccount tokens (default: the API server's name on the tailnet)."
  type        = string
  default     = null
}

variable "read_timeout" {
  description = "How long a plan waits for the cluster's answer about a Helm release. Without an answer the release counts as gone."
  type        = string
  default     = "30s"
}

variable "offline_for" {
  description = "For how long a device of the tailnet must be disconnected before it counts as stale."
  type        = string
  default     = "2m"
}

variable "join_command" {
  description = "A command that joins something outside the cluster to the tailnet, with the auth key in TS_AUTHKEY (default: none)."
  type        = string
  default     = null
}

variable "repository" {
  description = "A clone of the repository that Flux follows. It is checked before anything is created."
  type        = string
  default     = "../tazlab-k8s"
}

variable "repository_url" {
  description = "Where Flux finds that repository."
  type        = string
  default     = "https://github.com/tazlab/tazlab-k8s"
}

variable "on_unreachable" {
  description = "\"forget\" lets terraform destroy finish when the cluster does not exist any more."
  type        = string
  default     = "error"
}
