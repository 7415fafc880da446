# shellcheck shell=bash
# A jump host, as where hosts have no public address: it alone reaches the others' private ones. Its user, port, key and host
# key are its own. Sourced by scripts/sandbox.

# In front of the hosts' own: sshd takes the first value.
bastion_sshd_configuration() {
  printf '%s\n' "Port $BASTION_PORT" 'AllowUsers jump' 'PermitTTY no' 'X11Forwarding no'
}

start_bastion() {
  if ! has_bastion; then
    on_failure=end_bastion
    make_host bastion
  fi
  is_running bastion || boot bastion
  wait_for_boot bastion
  write_operator_files
  on_failure=
}

end_bastion() {
  has_bastion || return 0
  clear_host bastion
  discard_host bastion
  rm -f "$STATE"/output-bastion.json "$STATE"/id_bastion "$STATE"/id_bastion.pub
  write_operator_files
}
