# shellcheck shell=bash
# What is made once and kept: a small Debian system that all hosts share, the Kubernetes binaries, the images. Each is
# a directory named after a digest of all that it is made from, and gets that name only when it is complete: nothing
# half-built is ever taken for the whole, and a changed recipe never meets an old result. Sourced by scripts/sandbox.

HOST_PACKAGES=openssh-server,sudo,etcd-server,etcd-client,containerd,runc,iptables,conntrack,ebtables,socat,ethtool
HOST_PACKAGES+=,iproute2,procps,haproxy,kubernetes-client,ca-certificates
BUILD_PACKAGES=golang-go,golang-github-modern-go-reflect2-dev,gcc,libc6-dev,make,patch,rsync,jq,xz-utils

# The users' passwords are unset but not locked: sshd without PAM refuses locked users.
# shellcheck disable=SC2016 # $1 is the system's directory, for mmdebstrap to give
HOST_SETUP='
set -e
rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/hostname "$1"/etc/resolv.conf
for user in ubuntu nosudo; do
  chroot "$1" useradd --create-home --shell /bin/bash --password "*" "$user"
done
echo "ubuntu ALL=(ALL) NOPASSWD:ALL" > "$1"/etc/sudoers.d/sandbox
chmod 440 "$1"/etc/sudoers.d/sandbox'

digest_of() { sha256sum | cut -c 1-12; }

system_directory() {
  printf '%s/system-%s' "$CACHE" "$(printf '%s\n' "$DEBIAN_RELEASE" "$HOST_PACKAGES" "$HOST_SETUP" | digest_of)"
}

kubernetes_directory() {
  printf '%s/kubernetes-%s' "$CACHE" \
    "$({ printf '%s\n' "$DEBIAN_RELEASE" "$KUBERNETES_VERSION"; cat "$here/build-kubernetes"; } | digest_of)"
}

images_directory() {
  local made_from
  made_from=$(system_directory; kubernetes_directory; cat "$here/images.sh")
  printf '%s/images-%s' "$CACHE" "$(digest_of <<< "$made_from")"
}

# For the overlay of a host's disk, upper layer first.
layers() { printf '%s:%s' "$(kubernetes_directory)" "$(system_directory)"; }

# Tools of the machine itself; nothing that is there already is touched or upgraded.
ensure_tools() {
  local missing=()
  [[ -d $(system_directory) && -d $(kubernetes_directory) ]] || command -v mmdebstrap > /dev/null ||
    missing+=(mmdebstrap)
  command -v ip > /dev/null || missing+=(iproute2)
  command -v ssh-keygen > /dev/null || missing+=(openssh-client)
  ((${#missing[@]} == 0)) || install_tools "${missing[@]}"
}

install_tools() {
  local missing=("$@")
  say "installing ${missing[*]}"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-upgrade --no-install-recommends)
  "${install[@]}" "${missing[@]}" > "$build_log" 2>&1 && return
  { apt-get update -qq && "${install[@]}" "${missing[@]}"; } >> "$build_log" 2>&1 ||
    die "cannot install ${missing[*]}: $(tail -n 3 "$build_log") (all of it: $build_log)"
}

# The archive that this machine installs from.
debian_archive() {
  local uri
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1) || true
  [[ $uri ]] || die "apt on this machine has no Debian archive ('.../debian') among its sources"
  printf %s "$uri"
}

# make_once DIRECTORY WHAT COMMAND...: runs COMMAND with a new directory that becomes DIRECTORY when it succeeds.
make_once() {
  local directory=$1 what=$2 partial began=$SECONDS
  shift 2
  [[ ! -d $directory ]] || return 0
  say "making $what, once (log: $build_log)"
  partial=$directory.partial
  on_failure=remove_partial
  mkdir -p "$partial"
  run_apart "$build_log" "$@" "$partial"
  if ((apart_status)); then
    show_last_lines "$build_log"
    die "making $what failed: see $build_log"
  fi
  mv -T "$partial" "$directory"
  on_failure=
  say "made $what in $((SECONDS - began)) s"
}

# Also what a killed build left: one runs at a time, under the lock.
remove_partial() { rm -rf --one-file-system "$CACHE"/*.partial; }

ensure_cache() {
  mkdir -p "$CACHE"
  build_log=$CACHE/build.log
  remove_partial
  ensure_tools
  : > "$build_log"
  make_once "$(system_directory)" "a Debian system for the hosts" make_system
  make_once "$(kubernetes_directory)" "Kubernetes $KUBERNETES_VERSION from Debian's source (about ten minutes)" \
    make_kubernetes
  make_once "$(images_directory)" "container images" make_images
}

make_system() {
  local archive
  archive=$(debian_archive)
  mmdebstrap --quiet --mode=root --format=directory --variant=minbase --include="$HOST_PACKAGES" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook="$HOST_SETUP" \
    "$DEBIAN_RELEASE" "$1" "deb $archive $DEBIAN_RELEASE main"
}

# In a system of its own, so that the machine gets no Go and the build meets the Go it was made for.
make_kubernetes() {
  local archive builder=$1.builder.partial
  archive=$(debian_archive)
  # shellcheck disable=SC2016 # for mmdebstrap's shell
  mmdebstrap --quiet --mode=root --format=directory --variant=minbase --include="$BUILD_PACKAGES" \
    --customize-hook='mkdir "$1"/build && cd "$1"/build &&
      APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq source --download-only kubernetes' \
    "$DEBIAN_RELEASE" "$builder" "deb $archive $DEBIAN_RELEASE main" "deb-src $archive $DEBIAN_RELEASE main"
  install -m 755 "$here/build-kubernetes" "$builder/build/"
  unshare --mount --pid --fork --kill-child bash -ec '
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/build LANG=C.UTF-8 \
      chroot "$1" /build/build-kubernetes "$2"' build "$builder" "$KUBERNETES_VERSION"
  cp -a "$builder/build/result/." "$1/"
  rm -rf --one-file-system "$builder"
}

make_images() {
  # shellcheck source=images.sh
  source "$here/images.sh"
  write_images "$1" "$(system_directory)" "$(kubernetes_directory)"
}
