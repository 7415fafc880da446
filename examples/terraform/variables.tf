variable "cluster_name" {
  type        = string
  description = "The cluster's name: lower-case letters, digits, \"-\" and \".\"."
}

variable "api_endpoint" {
  type        = string
  description = "The address of the Kubernetes API: usually that of the load balancer."
}

variable "control_plane" {
  description = "Every control-plane host, in the order in which they are to be visited."
  type = list(object({
    hostname        = string
    private_address = string
    # null on a host that has none.
    public_address = string
    # The second word of the host's /etc/ssh/ssh_host_ed25519_key.pub; null for a host that is in known_hosts.
    host_key = string
  }))
}

variable "ssh" {
  description = "How to log in to the hosts."
  type = object({
    user = string
    port = number
    # Empty for the keys of your ssh agent.
    private_key_file = string
  })
  default = {
    user             = "root"
    port             = 22
    private_key_file = ""
  }
}

variable "bastion" {
  description = "The jump host in front of them; null where there is none."
  type = object({
    address  = string
    port     = number
    user     = string
    host_key = string
  })
  default = null
}
