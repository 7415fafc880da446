# shellcheck shell=bash
# Names, messages, the lock, bounded waiting. Sourced by scripts/sandbox.

STATE=${ATREST_SANDBOX_STATE:-/tmp/atrest-sandbox}
CACHE=${ATREST_SANDBOX_CACHE:-/var/cache/atrest-sandbox}
# Where the running sandbox keeps its state, for a command that was given another state directory: addresses, cgroups
# and namespaces exist once on a machine, so there is one sandbox at a time.
POINTER=/run/atrest-sandbox.state
LOCK=/run/atrest-sandbox.lock

KUBERNETES_VERSION=v1.20.2
DEBIAN_RELEASE=bookworm
NETWORK=10.199.0
MACHINE_ADDRESS=$NETWORK.1
LB_ADDRESS=$NETWORK.10
# The hosts' own network, which the machine has no way to, and their IPv6 addresses, which it has.
PRIVATE_NETWORK=10.198.0
IPV6_NETWORK=fd10:199:
API_NAME=api.sandbox
# shellcheck disable=SC2034 # read in bastion.sh
BASTION_PORT=2222
# shellcheck disable=SC2034 # read in scripts/sandbox and host.sh
MAX_HOSTS=6

say() { printf 'sandbox: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Only after a failure of ours: an interrupted step has nothing to say.
show_last_lines() {
  [[ -f $1 && -s $1 && $failure -lt 128 ]] || return 0
  say "last lines of $1:"
  tail -n 15 "$1" | sed 's/^/  | /' >&2
}

usage_error() {
  say "$*"
  say "see 'scripts/sandbox --help'"
  exit 64
}

require_root() {
  ((EUID == 0)) || die "needs root (namespaces, mounts, cgroups): run it with sudo"
  # These end in mount options, in a kubeconfig and in JSON, none of which we want to quote for.
  local name
  for name in STATE CACHE; do
    [[ ${!name} =~ ^/[A-Za-z0-9._/-]+$ ]] ||
      die "ATREST_SANDBOX_$name='${!name}' must be an absolute path of letters, digits and ._-/"
  done
}

host_directory() { printf '%s/hosts/%s' "$STATE" "$1"; }

# What a host's addresses end with.
number_of() {
  case $1 in
    bastion) printf 9 ;;
    lb) printf 10 ;;
    *) printf '1%s' "${1#cp}" ;;
  esac
}

address_of() { printf '%s.%s' "$NETWORK" "$(number_of "$1")"; }
private_address_of() { printf '%s.%s' "$PRIVATE_NETWORK" "$(number_of "$1")"; }
ipv6_address_of() { printf '%s:%s' "$IPV6_NETWORK" "$(number_of "$1")"; }

# Every host that exists, running or not, without the load balancer.
control_plane_hosts() {
  local directory
  for directory in "$STATE"/hosts/cp*/; do
    [[ -d $directory ]] && basename "$directory"
  done
  return 0
}

has_bastion() { [[ -d $(host_directory bastion) ]]; }

sandbox_is_complete() { [[ -e $STATE/complete && -e /run/netns/atrest-switch ]]; }

require_sandbox() {
  refuse_other_state
  sandbox_is_complete || die "no sandbox is up in $STATE: 'sandbox up' starts one"
}

require_host() {
  require_sandbox
  [[ $1 =~ ^(lb|bastion|cp[1-9])$ && -d $(host_directory "$1") ]] ||
    die "there is no host '$1'; there are: $(control_plane_hosts | tr '\n' ' ')lb$(has_bastion && printf ' bastion')"
}

refuse_other_state() {
  local other
  [[ -e $POINTER ]] || return 0
  other=$(<"$POINTER")
  [[ $other = "$STATE" || ! -d $other ]] ||
    die "the sandbox of this machine has its state in $other: set ATREST_SANDBOX_STATE to that"
}

# One command changes the sandbox at a time. A build that outlives its killed `up` keeps the lock until it ends, so that
# no second one meets it in the cache; hosts do not keep it (close_inherited).
take_lock() {
  exec 9<>"$LOCK"
  if ! flock --nonblock 9; then
    say "waiting for another command: $(head -n 1 "$LOCK")"
    flock --wait 1800 9 || die "gave up after half an hour; it is still: $(head -n 1 "$LOCK")"
  fi
  printf 'sandbox %s, process %s, since %s, state %s\n' "$1" $$ "$(date -u +%FT%TZ)" "$STATE" > "$LOCK"
}

# until_true SECONDS WHAT COMMAND...: polls; returns 1 with a message when the time is over.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if ((SECONDS >= deadline)); then
      say "$what: not within the time allowed"
      return 1
    fi
    sleep 0.2
  done
}

# run_apart LOG COMMAND...: runs COMMAND with `set -e` in a process group of its own, so that a signal to this script is
# acted upon at once and finish() can end all of it. Sets apart_status and returns 0 always: as part of a condition,
# `set -e` would not hold in COMMAND.
apart=
run_apart() {
  local log=$1
  shift
  set -m
  (set -e && "$@") < /dev/null >> "$log" 2>&1 &
  apart=$!
  set +m
  apart_status=0
  wait "$apart" || apart_status=$?
  apart=
}

# Not only its first process, which `wait` would do: mmdebstrap takes a moment to clean up, and writes meanwhile.
end_apart() {
  kill -TERM -- "-$apart" 2>/dev/null || true
  until_true 20 "ending what runs" apart_has_ended || kill -KILL -- "-$apart" 2>/dev/null || true
}

apart_has_ended() { ! kill -0 -- "-$apart" 2>/dev/null; }

# The log of what is being done.
step_log=
# The command that undoes a half-done change; run once, whatever ends the script.
on_failure=
failure=0
finish() {
  local status=$?
  failure=$status
  trap - EXIT
  trap '' INT TERM HUP
  [[ ! $apart ]] || end_apart
  if [[ $on_failure ]]; then
    ((status)) || status=1
    # In its own shell, so that a failure in there cannot cut the rest short.
    ($on_failure) || say "cleaning up failed; 'sandbox down' tries again"
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
