# Minted at each plan and each apply, in no state and no plan, revoked as soon as the provisioner is done.
ephemeral "tazlab_tailnet_auth_key" "node" {
  tags          = ["tag:k8s"]
  ephemeral     = true
  preauthorized = true
  expiry        = "15m"
}

variable "join_command" {
  description = "What joins the tailnet with the key in TS_AUTHKEY."
  type        = string
  default     = "tailscale up --auth-key=\"$TS_AUTHKEY\""
}

resource "terraform_data" "node" {
  provisioner "local-exec" {
    command     = var.join_command
    environment = { TS_AUTHKEY = ephemeral.tazlab_tailnet_auth_key.node.key }
  }
}
