# shellcheck shell=bash
# What the sandbox does to the machine outside of its hosts: a bridge in a namespace of its own, one veth pair, one
# cgroup in each hierarchy; and taking all of it away. Sourced by scripts/sandbox.

CGROUP=atrest-sandbox
SWITCH=atrest-switch
MACHINE_LINK=atrest-op

# Each cgroup hierarchy of the machine, one a line: its controllers ("cpu,cpuacct", "name=systemd", "unified") and where
# it is mounted.
cgroup_hierarchies() {
  local target type options controllers option seen=' '
  while read -r _ target type options _; do
    case $type in
      cgroup2) controllers=unified ;;
      cgroup)
        controllers=
        for option in ${options//,/ }; do
          case $option in
            rw | ro | nosuid | nodev | noexec | *atime | xattr | release_agent=* | clone_children | cpuset_v2_mode) ;;
            *) controllers+=${controllers:+,}$option ;;
          esac
        done
        ;;
      *) continue ;;
    esac
    [[ $seen = *" $controllers "* ]] && continue
    seen+="$controllers "
    printf '%s %s\n' "$controllers" "$target"
  done < /proc/self/mounts
}

check_machine() {
  local controllers mounted=, tool
  while read -r controllers _; do mounted+=$controllers,; done < <(cgroup_hierarchies)
  for controllers in cpu cpuacct cpuset memory; do
    [[ $mounted = *,$controllers,* ]] ||
      die "this kubelet needs cgroup v1 (or hybrid) and '$controllers' is not mounted there;" \
        "boot with systemd.unified_cgroup_hierarchy=0"
  done
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || die "the kernel has no overlay filesystem"
  local route network
  # Our own link is there when an earlier sandbox was not taken down; it goes before a new one comes.
  for network in "$NETWORK" "$PRIVATE_NETWORK"; do
    route=$(ip -4 route show root "$network.0/24" 2>/dev/null | grep -v -e "dev $MACHINE_LINK" -e ^unreachable || true)
    [[ ! $route ]] || die "this machine uses $network.0/24 already ($route)"
  done
}

# The state directory may be in /tmp: nobody else's directory or link is used, let alone removed.
make_state_directory() {
  if [[ -L $STATE || -e $STATE ]]; then
    rmdir "$STATE" 2>/dev/null ||
      die "$STATE exists and was not made by a sandbox: remove it or set ATREST_SANDBOX_STATE"
  fi
  mkdir -p "$(dirname "$STATE")"
  mkdir -m 700 "$STATE"
  : > "$STATE/.atrest-sandbox"
  mkdir "$STATE/log" "$STATE/hosts"
  [[ $(stat -f -c %T "$STATE") != overlayfs ]] ||
    die "$STATE is on an overlay, where containerd cannot work: set ATREST_SANDBOX_STATE to a directory on a disk"
  printf '%s\n' "$STATE" > "$POINTER"
}

prepare_machine() {
  ip netns add "$SWITCH"
  ip -n "$SWITCH" link add br0 type bridge
  ip -n "$SWITCH" link set br0 up
  ip link add "$MACHINE_LINK" type veth peer name machine netns "$SWITCH"
  ip -n "$SWITCH" link set machine master br0 up
  ip addr add "$MACHINE_ADDRESS/24" dev "$MACHINE_LINK"
  ip link set "$MACHINE_LINK" up
  if has_ipv6; then
    # Also where the machine does not want it for its other links.
    echo 0 > "/proc/sys/net/ipv6/conf/$MACHINE_LINK/disable_ipv6"
    ip addr add "$IPV6_NETWORK:1/64" dev "$MACHINE_LINK" nodad
  fi
  # Whoever dials a private address from here is told so at once, and nothing of it leaves the machine.
  ip route replace unreachable "$PRIVATE_NETWORK.0/24"
}

has_ipv6() { [[ -d /proc/sys/net/ipv6 ]]; }

make_cgroups() {
  local controllers mount directory
  while read -r controllers mount; do
    for directory in "$mount/$CGROUP" "$mount/$CGROUP/$1"; do
      mkdir -p "$directory"
      # A v1 cpuset takes no process before it was told its processors.
      if [[ ,$controllers, = *,cpuset,* ]]; then
        cat "$mount/cpuset.cpus" > "$directory/cpuset.cpus"
        cat "$mount/cpuset.mems" > "$directory/cpuset.mems"
      fi
    done
    # By default a whole cgroup gets what one process outside of it gets, so that a compiler beside it would starve etcd
    # of its leader.
    [[ ,$controllers, != *,cpu,* ]] || echo 16384 > "$mount/$CGROUP/cpu.shares"
  done < <(cgroup_hierarchies)
}

# Moves the calling shell into a host's cgroups.
enter_cgroups() {
  local mount
  while read -r _ mount; do
    echo "$BASHPID" > "$mount/$CGROUP/$1/cgroup.procs"
  done < <(cgroup_hierarchies)
}

# The processes of a host, or of all hosts without an argument. The cgroups are ours alone, so what is in them was
# started by us: this needs no record, and so finds everything also after an `up` that was killed.
processes_of() {
  local mount
  while read -r _ mount; do
    find "$mount/$CGROUP${1:+/$1}" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done < <(cgroup_hierarchies) | sort -un
}

end_processes_of() {
  local deadline=$((SECONDS + 30)) pids pid
  while pids=$(processes_of "${1-}") && [[ $pids ]]; do
    ((SECONDS < deadline)) || die "these processes do not end: ${pids//$'\n'/ }"
    for pid in $pids; do
      # A number read a moment ago may be another process by now: ask the process itself.
      if grep -qs ":/$CGROUP/${1-}" "/proc/$pid/cgroup"; then kill -KILL "$pid" 2>/dev/null || true; fi
    done
    sleep 0.1
  done
}

remove_cgroups_of() {
  local mount directory
  while read -r _ mount; do
    directory=$mount/$CGROUP${1:+/$1}
    [[ -d $directory ]] || continue
    find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [[ ! -d $directory ]] || return 1
  done < <(cgroup_hierarchies)
}

# Everything away, from whatever state: safe to run twice, and after a kill.
tear_down() {
  local name
  end_processes_of
  # A process that has ended holds its cgroup until it is reaped.
  until_true 15 "removing the cgroups" remove_cgroups_of ""
  ip link del "$MACHINE_LINK" 2>/dev/null || true
  ip route del unreachable "$PRIVATE_NETWORK.0/24" 2>/dev/null || true
  for name in /run/netns/atrest-*; do
    [[ -e $name ]] && ip netns del "$(basename "$name")"
  done
  # `ip netns` mounts this directory on itself with the first namespace and never takes it away.
  if [[ -d /run/netns && ! $(ls -A /run/netns) ]]; then
    if mountpoint -q /run/netns; then umount /run/netns; fi
    rmdir /run/netns
  fi
  if [[ -e $STATE/.atrest-sandbox && ! -L $STATE && -O $STATE ]]; then
    for name in "$STATE"/hosts/*/; do
      [[ ! -d $name ]] || discard_host "$(basename "$name")"
    done
    rm -rf --one-file-system "$STATE"
  fi
  rm -f "$POINTER"
}
