# shellcheck shell=bash
# One host: made, booted, entered, cut off. Sourced by scripts/sandbox.

# Its disk: a layer of its own over the shared Debian system and the Kubernetes binaries, and directories beside it for
# all that a test may want to look at from outside.
make_host() {
  local directory upper
  directory=$(host_directory "$1")
  upper=$directory/upper
  mkdir -p "$directory"/{upper,work,root,etc-kubernetes,kubelet,containerd,etcd,log,tmp,atrest}
  # What atrest writes to are file systems of their own, small enough to be filled.
  mount -t tmpfs -o size=4m,mode=755 kubernetes "$directory/etc-kubernetes"
  mount -t tmpfs -o size=4m,mode=700 atrest "$directory/atrest"
  mkdir "$directory/etc-kubernetes/manifests"
  chmod 700 "$directory/etcd"
  chmod 1777 "$directory/tmp"
  mkdir -p "$upper"/{etc/ssh/sshd_config.d,etc/cni/net.d,etc/containerd,usr/local/sbin}

  printf '%s\n' "$1" > "$upper/etc/hostname"
  tr -d - < /proc/sys/kernel/random/uuid > "$upper/etc/machine-id"
  : > "$upper/etc/resolv.conf"
  {
    printf '127.0.0.1 localhost\n%s %s\n' "$LB_ADDRESS" "$API_NAME"
    local i
    for ((i = 1; i <= MAX_HOSTS; i++)); do printf '%s cp%s\n' "$(address_of "cp$i")" "$i"; done
  } > "$upper/etc/hosts"
  install -m 755 "$here/host-init" "$upper/usr/local/sbin/atrest-sandbox-init"

  if [[ $1 = lb ]]; then
    load_balancer_configuration > "$upper/etc/haproxy.cfg"
    return
  fi
  local key=id_ed25519
  [[ $1 = bastion ]] && key=id_bastion
  ensure_key "$key"
  ensure_key user_ca
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$upper/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$STATE/$key.pub" "$upper/etc/ssh/authorized_keys"
  if [[ $1 = bastion ]]; then
    bastion_sshd_configuration > "$upper/etc/ssh/sshd_config.d/bastion.conf"
  else
    install -m 644 "$STATE/user_ca.pub" "$upper/etc/ssh/user_ca.pub"
  fi
  cp "$here/sshd.conf" "$upper/etc/ssh/sshd_config.d/sandbox.conf"
  cp "$here/containerd.toml" "$upper/etc/containerd/config.toml"
}

ensure_key() { [[ -e $STATE/$1 ]] || ssh-keygen -q -t ed25519 -N '' -C "sandbox-$1" -f "$STATE/$1"; }

load_balancer_configuration() {
  cat <<TEXT
global
  maxconn 2000
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend api
  bind $LB_ADDRESS:6443
  default_backend control-plane
backend control-plane
  option httpchk GET /readyz
  default-server check check-ssl verify none inter 500 fall 2 rise 1 on-marked-down shutdown-sessions
TEXT
  local i
  for ((i = 1; i <= MAX_HOSTS; i++)); do printf '  server cp%s %s:6443\n' "$i" "$(address_of "cp$i")"; done
}

plug_in() {
  local netns=atrest-$1
  ip netns add "$netns"
  # Always the same, so that nobody who knew the host before it was off looks for it in vain.
  local hardware
  printf -v hardware '02:00:00:00:00:%02d' "$(number_of "$1")"
  ip -n "$netns" link add eth0 address "$hardware" type veth peer name "$1" netns "$SWITCH"
  ip -n "$SWITCH" link set "$1" master br0 up
  ip -n "$netns" link set lo up
  ip -n "$netns" addr add "$(address_of "$1")/24" dev eth0
  ip -n "$netns" addr add "$(private_address_of "$1")/24" dev eth0
  if has_ipv6; then ip -n "$netns" addr add "$(ipv6_address_of "$1")/64" dev eth0 nodad; fi
  ip -n "$netns" link set eth0 up
}

# Starts the host's first process. It ends only by being killed, and the kernel then ends all others of the host.
boot() {
  local directory
  directory=$(host_directory "$1")
  step_log=$directory/log/boot.log
  clear_host "$1"
  rm -f "$directory/init"
  plug_in "$1"
  make_cgroups "$1"
  (
    close_inherited
    enter_cgroups "$1"
    exec setsid nsenter --net="/run/netns/atrest-$1" \
      unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private \
      bash "$here/host-boot" "$1" "$directory" "$(layers)" "$(images_directory)" "$(cgroup_hierarchies | sed 's/ .*//')"
  ) < /dev/null >> "$step_log" 2>&1 &
  # Not a job of ours: no word from this shell when it is killed.
  disown
}

# A host outlives the command that starts it: it must not keep that one's descriptors, such as our lock or a lock that
# the caller holds (`flock FILE scripts/sandbox up`).
close_inherited() {
  local descriptor
  for descriptor in "/proc/$BASHPID/fd/"*; do
    descriptor=${descriptor##*/}
    ((descriptor <= 2)) || exec {descriptor}>&-
  done
}

wait_for_boot() {
  local port
  port=$(ssh_port_of "$1")
  [[ $1 = lb ]] && port=6443
  step_log=$(host_directory "$1")/log/boot.log
  until_true 60 "$1: booting" is_running "$1"
  until_true 60 "$1: listening on port $port" listens "$(address_of "$1")" "$port"
}

ssh_port_of() { if [[ $1 = bastion ]]; then printf %s "$BASTION_PORT"; else printf 22; fi; }

listens() { (exec 3<> "/dev/tcp/$1/$2") 2>/dev/null; }

# The machine's number for the host's first process, if that is still the one that was recorded.
init_of() {
  local pid started fields directory
  directory=$(host_directory "$1")
  read -r pid started 2>/dev/null < "$directory/init" || return 1
  fields=$(cat "/proc/$pid/stat" 2>/dev/null) || return 1
  fields=${fields##*) }
  # Without the first two fields, the start time (22) is the 20th.
  [[ $(cut -d' ' -f20 <<< "$fields") = "$started" ]] || return 1
  tr '\0' ' ' < "/proc/$pid/cmdline" | grep -qs "atrest-sandbox-init $1 " || return 1
  printf %s "$pid"
}

is_running() { init_of "$1" > /dev/null; }

# Does not return: the command takes this process's place.
exec_in() {
  local init host=$1
  shift
  init=$(init_of "$host") || die "$host is stopped"
  close_inherited
  enter_cgroups "$host"
  local etcd=/etc/kubernetes/pki/etcd
  exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LANG=C.UTF-8 \
    TERM="${TERM:-dumb}" KUBECONFIG=/etc/kubernetes/admin.conf \
    ETCDCTL_API=3 ETCDCTL_ENDPOINTS=https://127.0.0.1:2379 ETCDCTL_CACERT="$etcd/ca.crt" \
    ETCDCTL_CERT="$etcd/healthcheck-client.crt" ETCDCTL_KEY="$etcd/healthcheck-client.key" "$@"
}

# The same for our own use: a command in a host that must not read our input.
in_host() { (exec_in "$@" < /dev/null); }

power_off() {
  is_running "$1" || say "$1 was stopped already"
  clear_host "$1"
}

# For good; it has ended.
discard_host() {
  local mounted
  for mounted in "$(host_directory "$1")"/{etc-kubernetes,atrest}; do
    if mountpoint -q "$mounted"; then umount "$mounted"; fi
  done
  rm -rf --one-file-system "$(host_directory "$1")"
}

# Also after a host that ended by itself.
clear_host() {
  end_processes_of "$1"
  until_true 15 "$1: removing its cgroups" remove_cgroups_of "$1"
  if [[ -e /run/netns/atrest-$1 ]]; then
    # The kernel takes a namespace's link away some time after the namespace; `start` needs its name at once.
    ip -n "$SWITCH" link del "$1" 2>/dev/null || true
    ip netns del "atrest-$1"
  fi
}

abandon_host() {
  local kept=$STATE/log/$1.failed
  show_last_lines "${step_log-}"
  # Before it ends: two etcd members of which one is off would agree on nothing.
  (if has_control_plane "$1"; then forget_control_plane "$1"; fi) ||
    say "$1 may still be known to etcd as a member that is off"
  power_off "$1"
  rm -rf "$kept"
  cp -a "$(host_directory "$1")/log" "$kept"
  discard_host "$1"
  # It may have been added to them before its join.
  write_operator_files
  say "$1 was taken away again; its logs are in $kept"
}

# keep_logs DIRECTORY: the logs of the sandbox and of its hosts, for after they are gone.
keep_logs() {
  local directory name
  rm -rf "$1"
  mkdir -m 700 "$1"
  cp -a "$STATE/log" "$1/"
  for directory in "$STATE"/hosts/*/log; do
    [[ -d $directory ]] || continue
    name=$(basename "$(dirname "$directory")")
    mkdir -p "$1/hosts/$name"
    cp -a "$directory" "$1/hosts/$name/"
  done
}
