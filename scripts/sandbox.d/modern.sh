# shellcheck shell=bash
# A Kubernetes API server of today, for what the hosts' version cannot show: one server on the real k8s.io/apiserver,
# built from Debian sid's Go libraries, with sid's etcd, both on Unix sockets. Sourced by scripts/sandbox.

modern_directory() {
  printf '%s/modern-%s' "$CACHE" "$(cat "$here"/modern/* "$here/build-modern" | digest_of)"
}

ensure_modern_cache() {
  build_log=$CACHE/build.log
  local missing=() tool
  for tool in curl openssl; do command -v "$tool" > /dev/null || missing+=("$tool"); done
  [[ ! -d $(modern_directory) || ${#missing[@]} -gt 0 ]] || return 0
  take_lock modern
  mkdir -p "$CACHE"
  remove_partial
  ((${#missing[@]} == 0)) || install_tools "${missing[@]}"
  make_once "$(modern_directory)" "an API server of today from Debian's libraries (about three minutes)" make_modern
  exec 9>&-
}

make_modern() {
  local archive
  archive=$(debian_archive)
  "$here/build-modern" "$archive" "$here/modern" "$1"
}

# serve_modern FLAGS...: says on standard output "ready DIRECTORY", or "failed" and why, and again for each line on
# standard input, which restarts the API server. Ends at its end, and with it all that it started and made.
serve_modern() {
  local directory etcd server='' line
  directory=$(mktemp -d "${TMPDIR:-/tmp}/atrest-modern.XXXXXX")
  on_failure="rm -rf $directory"
  cd "$directory" || return
  make_modern_certificates
  start_modern etcd.log "$(modern_directory)/etcd" --data-dir=etcd \
    --listen-client-urls=unix://etcd:0 --advertise-client-urls=unix://etcd:0 \
    --listen-peer-urls=unix://peer:0 --initial-advertise-peer-urls=unix://peer:0 --initial-cluster=default=unix://peer:0
  etcd=$started
  until_true 30 "etcd listening" test -S etcd:0 || die "its log ends: $(tail -n 3 etcd.log)"
  while :; do
    start_modern api.log "$(modern_directory)/modern" serve api.sock --etcd-servers=unix://etcd:0 --etcd-prefix=/registry \
      --tls-cert-file=server.crt --tls-private-key-file=server.key --client-ca-file=ca.crt --kubeconfig=nowhere \
      --authentication-kubeconfig=nowhere --authorization-kubeconfig=nowhere --authentication-skip-lookup \
      --enable-priority-and-fairness=false --disable-admission-plugins="$MODERN_WITHOUT" "$@"
    server=$started
    if modern_becomes_ready "$server"; then
      printf 'ready %s\n' "$directory"
    else
      printf 'failed %s\n' "$(grep -v '^[IW][0-9]' api.log | tail -n 1)"
    fi
    read -r line || break
    end_modern "$server"
  done
  end_modern "$server"
  end_modern "$etcd"
  cd /
  rm -rf "$directory"
  on_failure=
}

# Admission that asks other servers, which there are none of.
MODERN_WITHOUT=NamespaceLifecycle,MutatingAdmissionPolicy,MutatingAdmissionWebhook
MODERN_WITHOUT+=,ValidatingAdmissionPolicy,ValidatingAdmissionWebhook

# A program of its own log that the kernel ends with this shell, however that ends.
start_modern() {
  local log=$1
  shift
  setpriv --pdeathsig KILL "$@" < /dev/null > "$log" 2>&1 &
  started=$!
}

end_modern() {
  kill "$1" 2> /dev/null || return 0
  for _ in {1..50}; do
    kill -0 "$1" 2> /dev/null || break
    sleep 0.1
  done
  kill -KILL "$1" 2> /dev/null || true
  wait "$1" 2> /dev/null || true
  rm -f api.sock
}

# Also where it cannot read all that is stored, which is what some tests want.
modern_becomes_ready() {
  local answer
  for _ in {1..300}; do
    kill -0 "$1" 2> /dev/null || return 1
    answer=$(curl --silent --noproxy '*' --unix-socket api.sock --cacert ca.crt --cert admin.crt --key admin.key \
      'https://kubernetes.default.svc/readyz?exclude=informer-sync') || true
    [[ $answer != ok ]] || return 0
    sleep 0.1
  done
  return 1
}

# ca.crt, admin.crt and admin.key are for clients. The server's own way to another API server leads nowhere.
make_modern_certificates() {
  local request=(openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes) sign
  sign=(openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 30)
  {
    "${request[@]}" -x509 -days 30 -keyout ca.key -out ca.crt -subj /CN=modern-ca
    "${request[@]}" -keyout admin.key -out admin.csr -subj /O=system:masters/CN=admin
    "${sign[@]}" -in admin.csr -out admin.crt -extfile <(echo extendedKeyUsage=clientAuth)
    "${request[@]}" -keyout server.key -out server.csr -subj /CN=kubernetes
    "${sign[@]}" -in server.csr -out server.crt -extfile <(
      printf '%s\n' subjectAltName=DNS:localhost,DNS:kubernetes.default.svc extendedKeyUsage=serverAuth
    )
  } 2> /dev/null
  printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]' \
    'users: [{name: u, user: {}}]' 'contexts: [{name: x, context: {cluster: c, user: u}}]' 'current-context: x' > nowhere
}

# serve_modern_kms DIRECTORY: a KMS plugin with its socket in a directory, until the end of standard input.
serve_modern_kms() {
  if [[ ! -d $(kms_directory) ]]; then
    take_lock modern
    mkdir -p "$CACHE"
    ensure_kms_cache
    exec 9>&-
  fi
  cd "$1" || return
  [[ -e key ]] || (umask 077 && head -c 32 /dev/urandom > key)
  # The root is the plugin's own system, and the working directory stays.
  setpriv --pdeathsig KILL nsenter --root="$(kms_directory)" --wd=. \
    env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 python3 - < "$here/kms-plugin" &
  local plugin=$!
  until_true 30 "the KMS plugin listening" test -S socket.sock
  echo ready
  cat > /dev/null
  end_modern "$plugin"
}
