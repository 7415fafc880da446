# shellcheck shell=bash
# A KMS plugin on each host, as a real one would run: in a system of its own, as in a container, behind a Unix socket that
# the API server finds in a directory of the host's. Sourced by scripts/sandbox.

KMS_PACKAGES=python3-grpcio,python3-cryptography
# On the hosts; /var/run is a link to /run there.
KMS_SOCKET_DIRECTORY=/run/kmsplugin

kms_directory() { printf '%s/kms-%s' "$CACHE" "$(printf '%s\n' "$DEBIAN_RELEASE" "$KMS_PACKAGES" | digest_of)"; }

# Made when a plugin is wanted first, which `up` does not.
ensure_kms_cache() {
  [[ ! -d $(kms_directory) ]] || return 0
  build_log=$CACHE/build.log
  command -v mmdebstrap > /dev/null || install_tools mmdebstrap
  make_once "$(kms_directory)" "a Debian system for the KMS plugins" make_kms_system
}

make_kms_system() {
  local archive
  archive=$(debian_archive)
  mmdebstrap --quiet --mode=root --format=directory --variant=essential --include="$KMS_PACKAGES" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$DEBIAN_RELEASE" "$1" "deb $archive $DEBIAN_RELEASE main"
}

# What one host's plugin encrypts every other's decrypts: they have one key, as they would have one service behind them.
kms_key() {
  [[ -e $STATE/kms.key ]] || (umask 077 && head -c 32 /dev/urandom > "$STATE/kms.key")
  cat "$STATE/kms.key"
}

kms_plugin_runs() {
  # shellcheck disable=SC2016 # for the host's shell
  in_host "$1" sh -c 'read -r pid < "$1/pid" && kill -0 "$pid"' sh "$KMS_SOCKET_DIRECTORY" 2> /dev/null
}

kms_plugin_answers() {
  in_host "$1" logger --socket-errors=on --tcp --socket "$KMS_SOCKET_DIRECTORY/socket.sock" 2> /dev/null
}

start_kms_plugin() {
  local host=$1 init
  ! kms_plugin_runs "$host" || return 0
  # shellcheck disable=SC2016 # for the host's shell
  kms_key | (exec_in "$host" sh -c 'umask 077; mkdir -p "$1"; rm -f "$1/pid"; cat > "$1/key"' sh "$KMS_SOCKET_DIRECTORY")
  init=$(init_of "$host") || die "$host is stopped"
  step_log=$(host_directory "$host")/log/kms-plugin.log
  (
    exec < "$here/kms-plugin" >> "$step_log" 2>&1
    close_inherited
    enter_cgroups "$host"
    # The root is the plugin's own system, and the working directory is the host's: there it makes its socket.
    exec setsid nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root="$(kms_directory)" \
      --wd="/proc/$init/root$KMS_SOCKET_DIRECTORY" \
      env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 python3 -
  ) &
  disown
  until_true 30 "$host: the KMS plugin answering" kms_plugin_answers "$host" || die "its log: $step_log"
}

# As a crash does: the socket stays behind, and nobody listens.
stop_kms_plugin() {
  kms_plugin_runs "$1" || return 0
  # shellcheck disable=SC2016 # for the host's shell
  in_host "$1" sh -c 'read -r pid < "$1/pid" && kill -KILL "$pid"' sh "$KMS_SOCKET_DIRECTORY"
  until_true 10 "$1: the KMS plugin ended" kms_plugin_has_ended "$1"
}

kms_plugin_has_ended() { ! kms_plugin_runs "$1"; }

# Nothing is left of it, as where none was ever deployed.
remove_kms_plugin() {
  stop_kms_plugin "$1"
  in_host "$1" rm -rf "$KMS_SOCKET_DIRECTORY"
}
