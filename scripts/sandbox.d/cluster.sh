# shellcheck shell=bash
# The control plane on the hosts, with the real kubeadm, and the files for whoever operates it. Sourced by
# scripts/sandbox.

random_hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# What a joining host needs to know, both of which kubeadm lets expire.
choose_join_secrets() {
  (umask 077 && printf '%s.%s %s\n' "$(random_hex 3)" "$(random_hex 8)" "$(random_hex 32)" > "$STATE/join")
}

init_configuration() {
  local token key
  read -r token key < "$STATE/join"
  cat <<TEXT
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
bootstrapTokens: [{token: $token}]
certificateKey: $key
localAPIEndpoint: {advertiseAddress: $(address_of "$1"), bindPort: 6443}
nodeRegistration:
  name: $1
  criSocket: /run/containerd/containerd.sock
  kubeletExtraArgs: {node-ip: $(address_of "$1")}
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
clusterName: sandbox
kubernetesVersion: $KUBERNETES_VERSION
controlPlaneEndpoint: $API_NAME:6443
apiServer:
  certSANs: [$LB_ADDRESS]
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failSwapOn: false
oomScoreAdj: 0
# The default of one minute makes each host wait for its static pods' mirror pods.
syncFrequency: 5s
# The hosts share the machine's disk: how full that is must not make one evict its pods or drop its images.
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: "0%", imagefs.available: "0%"}
# A kubelet that has just started does not know the size of its disk yet. An etcd pod that arrives then asks for 100 Mi
# of it, is refused, and not tried again; with this off, it is not asked.
featureGates: {LocalStorageCapacityIsolation: false}
TEXT
}

join_configuration() {
  local token key
  read -r token key < "$STATE/join"
  cat <<TEXT
apiVersion: kubeadm.k8s.io/v1beta2
kind: JoinConfiguration
discovery:
  bootstrapToken: {token: $token, apiServerEndpoint: "$API_NAME:6443", unsafeSkipCAVerification: true}
controlPlane:
  certificateKey: $key
  localAPIEndpoint: {advertiseAddress: $(address_of "$1"), bindPort: 6443}
nodeRegistration:
  name: $1
  criSocket: /run/containerd/containerd.sock
  kubeletExtraArgs: {node-ip: $(address_of "$1")}
TEXT
}

# What kubeadm adds to the API server's manifest.
api_server_patch() { printf 'spec: {terminationGracePeriodSeconds: %s}\n' "$(<"$STATE/grace-period")"; }

# with_configuration HOST NAME COMMAND...: standard input becomes /run/sandbox/NAME there, and then COMMAND runs.
with_configuration() {
  local host=$1 name=$2
  shift 2
  # shellcheck disable=SC2016 # for the host's shell
  (exec_in "$host" sh -c 'umask 077; cat > "/run/sandbox/$1" && shift && exec "$@" < /dev/null' sh "$name" "$@")
}

# run_kubeadm init|join HOST OPTION...
run_kubeadm() {
  local what=$1 host=$2
  step_log=$STATE/log/$what-$host.log
  until_true 120 "$host: importing images" in_host "$host" test -e /run/sandbox/images-imported
  api_server_patch | with_configuration "$host" patches/kube-apiserver+merge.yaml true
  run_apart "$step_log" pipe_into_kubeadm "$@"
  ((apart_status == 0)) || die "kubeadm $what failed on $host"
}

pipe_into_kubeadm() {
  local what=$1 host=$2
  shift 2
  # When this `up` is killed, kubeadm goes on for minutes; that must not keep `down` waiting for our lock.
  exec 9>&-
  "${what}_configuration" "$host" | with_configuration "$host" "$what.yaml" \
    timeout 400 kubeadm "$what" --config "/run/sandbox/$what.yaml" --experimental-patches /run/sandbox/patches "$@"
}

init_control_plane() {
  choose_join_secrets
  run_kubeadm init "$1" --skip-phases=preflight,addon --upload-certs
  # The machine does not know the name that the hosts give the load balancer.
  (umask 077 && sed "s#server: .*#server: https://$LB_ADDRESS:6443#" \
    "$(host_directory "$1")/etc-kubernetes/admin.conf" > "$STATE/admin.conf")
  say "$1: the control plane is there"
}

join_control_plane() {
  run_kubeadm join "$1" --ignore-preflight-errors=all
  say "$1: joined"
}

has_control_plane() { [[ -e $(host_directory "$1")/etc-kubernetes/manifests/kube-apiserver.yaml ]]; }

# What kubeadm does when a host leaves for good, done through another one: so also for a host that does not run.
forget_control_plane() {
  local other through=
  for other in $(control_plane_hosts); do
    if [[ $other != "$1" ]] && is_running "$other" && has_control_plane "$other"; then through=$other; fi
  done
  [[ $through ]] || die "no other host of the control plane runs"
  step_log=$STATE/log/leave-$1.log
  # shellcheck disable=SC2016 # for the host's shell
  run_apart "$step_log" exec_in "$through" timeout 120 sh -euxc '
    kubectl delete node "$1" --ignore-not-found
    kubectl --namespace kube-system get configmap kubeadm-config --output yaml | sed "/^      $1:/,+2d" |
      kubectl replace --filename -
    # Last, for then its API server fails whoever the load balancer sends there.
    member=$(etcdctl member list | sed -n "s#, .*, https://$2:2380, .*##p")
    [ -z "$member" ] || etcdctl member remove "$member"' sh "$1" "$(address_of "$1")"
  ((apart_status == 0)) || die "$1 could not be taken out of the control plane through $through; see $step_log"
}

# The others' list of API servers; an entry goes some seconds after its server.
is_forgotten() {
  local addresses
  addresses=$(kubectl_at "$LB_ADDRESS" get endpoints kubernetes -o 'jsonpath={.subsets[*].addresses[*].ip}') &&
    [[ " $addresses " != *" $(address_of "$1") "* ]]
}

wait_until_forgotten() { until_true 60 "$1: no longer among the API servers" is_forgotten "$1"; }

new_join_secrets() {
  local host
  choose_join_secrets
  for host in $(control_plane_hosts); do
    is_running "$host" || continue
    step_log=$STATE/log/secrets-$host.log
    # shellcheck disable=SC2016 # for the host's shell
    if init_configuration "$host" | with_configuration "$host" init.yaml sh -c '
      kubeadm init phase upload-certs --upload-certs --config /run/sandbox/init.yaml &&
      kubeadm init phase bootstrap-token --config /run/sandbox/init.yaml' > "$step_log" 2>&1; then
      return
    fi
  done
  die "no host could renew what a joining host needs (log: ${step_log-none})"
}

# kubectl_at ADDRESS ARGUMENT...: from the machine. Without its environment: that may name a proxy.
kubectl_at() {
  local address=$1
  shift
  env -i HOME="$STATE" timeout 10 "$(system_directory)/usr/bin/kubectl" --kubeconfig "$STATE/admin.conf" \
    --server "https://$address:6443" "$@" 2> /dev/null
}

# An API server's own opinion; for lb that of whichever it chooses.
api_server_is_ready() { [[ $(kubectl_at "$(address_of "$1")" get --raw /readyz) = ok ]]; }

wait_for_api_server() {
  step_log=$(host_directory "$1")/log/kubelet.log
  [[ $1 = lb ]] || has_control_plane "$1" || return 0
  until_true 180 "$1: API server ready" api_server_is_ready "$1" || die "the kubelet's log: $step_log"
}

all_pods_run() {
  local running
  running=$(kubectl_at "$LB_ADDRESS" get pods --namespace kube-system --no-headers | grep -c '1/1 *Running') || true
  ((running == 4 * $(control_plane_hosts | wc -l)))
}

wait_for_control_plane() {
  local host
  for host in $(control_plane_hosts) lb; do wait_for_api_server "$host"; done
  step_log=$STATE/log/init-cp1.log
  until_true 120 "all static pods running" all_pods_run || die "the control plane did not become healthy"
}

public_key_of() { cut -d' ' -f"$2" "$(host_directory "$1")/upper/etc/ssh/ssh_host_ed25519_key.pub"; }

json_list() {
  local item list=
  for item; do list+="${list:+, }\"$item\""; done
  printf '[%s]' "$list"
}

write_operator_files() {
  local host hosts=() addresses=() private=() keys=() user variant variants=(:root -sudo:ubuntu -nosudo:nosudo)
  for host in $(control_plane_hosts); do
    hosts+=("$host")
    addresses+=("$(address_of "$host")")
    private+=("$(private_address_of "$host")")
    keys+=("$(public_key_of "$host" 2)")
  done

  for host in "${hosts[@]}"; do
    printf '%s,%s %s\n' "$(address_of "$host")" "$(ipv6_address_of "$host")" "$(public_key_of "$host" 1,2)"
  done > "$STATE/known_hosts"
  if has_bastion; then
    printf '[%s]:%s %s\n' "$(address_of bastion)" "$BASTION_PORT" "$(public_key_of bastion 1,2)" >> "$STATE/known_hosts"
    variants+=(-bastion:ubuntu)
  fi

  mkdir -p "$STATE/bin"
  ln -sfn "$(system_directory)/usr/bin/kubectl" "$STATE/bin/kubectl"

  cat > "$STATE/kubeone.yaml" <<TEXT
apiVersion: kubeone.k8c.io/v1beta2
kind: KubeOneCluster
name: sandbox
versions:
  kubernetes: '${KUBERNETES_VERSION#v}'
cloudProvider:
  none: {}
features:
  encryptionProviders:
    enable: true
TEXT

  for variant in "${variants[@]}"; do
    user=${variant#*:}
    local inside=("${addresses[@]}") jump=
    if [[ $variant = -bastion:* ]]; then
      inside=("${private[@]}")
      jump=$(bastion_output)$'\n'
    fi
    cat > "$STATE/output${variant%:*}.json" <<TEXT
{
  "kubeone_api": {
    "sensitive": false,
    "type": ["object", {"endpoint": "string"}],
    "value": {"endpoint": "$LB_ADDRESS"}
  },
  "kubeone_hosts": {
    "sensitive": false,
    "type": ["object", {}],
    "value": {
      "control_plane": {
        "cluster_name": "sandbox",
        "cloud_provider": "none",
        "operating_system": "debian",
        "public_address": $(json_list "${addresses[@]}"),
        "private_address": $(json_list "${inside[@]}"),
        "hostnames": $(json_list "${hosts[@]}"),
        "ssh_hosts_keys": $(json_list "${keys[@]}"),
$jump        "ssh_user": "$user",
        "ssh_port": 22,
        "ssh_private_key_file": "$STATE/id_ed25519",
        "ssh_agent_socket": ""
      }
    }
  }
}
TEXT
  done
}

# The fields of the jump host in a Terraform output.
bastion_output() {
  printf '        "%s": %s,\n' bastion "\"$(address_of bastion)\"" bastion_port "$BASTION_PORT" bastion_user '"jump"' \
    bastion_private_key_file "\"$STATE/id_bastion\"" bastion_host_key "\"$(public_key_of bastion 2)\""
}

print_status() {
  if ! sandbox_is_complete; then
    printf 'no sandbox is up (state directory: %s)\n' "$STATE"
    [[ ! -e $POINTER ]] || printf "one was begun, and is being started or was cut short: 'sandbox down' clears it\n"
    return 1
  fi
  local host healthy=yes power ssh api system
  system=$(system_directory)
  printf 'state     %s, up since %s\n' "$STATE" "$(<"$STATE/complete")"
  printf 'cache     %s\n' "$CACHE"
  printf 'versions  kubernetes %s' "$KUBERNETES_VERSION"
  for host in etcd-server containerd runc; do
    printf ', %s %s' "${host%-server}" "$(chroot "$system" dpkg-query -W -f '${Version}' "$host")"
  done
  printf '\n%-9s %-12s %-8s %-5s %s\n' HOST ADDRESS POWER SSH 'API SERVER'
  for host in $(control_plane_hosts) lb $(has_bastion && printf bastion); do
    power=off ssh=- api=-
    if is_running "$host"; then
      power=on ssh=no api='not ready'
      [[ $host = lb ]] && ssh=-
      listens "$(address_of "$host")" "$(ssh_port_of "$host")" && ssh=ok
      [[ $host = bastion ]] || ! api_server_is_ready "$host" || api=ready
      [[ $host = lb ]] || has_control_plane "$host" || api=none
    fi
    [[ $api = @(ready|none) && ($ssh = ok || $host = lb) ]] || healthy=
    printf '%-9s %-12s %-8s %-5s %s\n' "$host" "$(address_of "$host")" "$power" "$ssh" "$api"
  done
  [[ $healthy ]]
}
