output "kubeone_api" {
  description = "The Kubernetes API."

  value = {
    endpoint                    = var.api_endpoint
    apiserver_alternative_names = []
  }
}

output "kubeone_hosts" {
  description = "The control plane and the way to it, as KubeOne and atrest read it."

  value = {
    control_plane = {
      cluster_name    = var.cluster_name
      hostnames       = var.control_plane[*].hostname
      private_address = var.control_plane[*].private_address
      public_address  = var.control_plane[*].public_address
      ssh_hosts_keys  = var.control_plane[*].host_key

      ssh_user             = var.ssh.user
      ssh_port             = var.ssh.port
      ssh_private_key_file = var.ssh.private_key_file

      bastion          = try(var.bastion.address, null)
      bastion_port     = try(var.bastion.port, null)
      bastion_user     = try(var.bastion.user, null)
      bastion_host_key = try(var.bastion.host_key, null)
    }
  }
}
