# Sourced by the scripts of this folder: where state lives, what is pinned, and how a step reports itself.
# Not for anything that one script alone needs.
set -euo pipefail
shopt -s inherit_errexit

testbed=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=versions.env
. "$testbed/versions.env"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-tazlab/testbed
run=$cache/run         # what runs now: kubeconfig, tokens, pids; nobody else's business
logs=$cache/logs
engine=$cache/engine   # the private Docker engine: its socket, its pid and its data
cluster=tazlab-testbed
node=$cluster-control-plane
kubeconfig=$run/kubeconfig
mkdir -p "$cache/bin" "$logs" && mkdir -pm 700 "$run" "$engine"

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# The key of a product: changes when one of the files (or words) that make it changes.
key_of() {
  for thing in "$@"; do
    if [ -e "$thing" ]; then find -L "$thing" -type f -print0 | sort -z | xargs -0 cat; else printf '%s\n' "$thing"; fi
  done | sha256sum | cut -c1-12
}

# step TITLE COMMAND…: runs it with its output in a log; says how long it took, and when it fails where to look.
# A script that sets `steps` has its steps counted.
step() {
  local title=$1 log start=$SECONDS; shift
  if [ -n "${steps:-}" ]; then step_number=$((${step_number:-0} + 1)) && title="$step_number/$steps $title"; fi
  log=$logs/$(basename "$1")${2:+-$(basename "$2")}.log
  printf '  %-48s' "$title" >&2
  if "$@" > "$log" 2>&1; then
    say "$((SECONDS - start)) s"
  else
    say "FAILED after $((SECONDS - start)) s"
    tail -n 15 "$log" | sed 's/^/    | /' >&2
    fail "$title: the whole log is $log; mend the cause and run the same command again, what is done already is kept"
  fi
}

# Where this machine differs from a laptop: containers cannot be given the capability that they are born with there.
lacks_sys_resource() { ! (( 0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status) & 1 << 24 )); }
has_cgroup_v1() { [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; }

# Sets DOCKER_HOST to the private engine where that one is in use.
use_engine() {
  if [ -S "$engine/docker.sock" ]; then export DOCKER_HOST=unix://$engine/docker.sock; fi
}

alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2> /dev/null; }

# until_true SECONDS COMMAND…: asks again five times a second, for so long at most.
until_true() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.2; done
}

# until_served KUBECTL wait…: waits until definitions are established. `kubectl wait` does not wait but fails where one has no
# conditions yet, which is so for its first moments.
until_served() {
  until_true 30 "$@" --for condition=Established --timeout 10s || fail "not established after 30 s: $*"
}

# What a list of nodes, as JSON on standard input, says of its cluster.
told_of_nodes() { jq -r '"Kubernetes \(.items[0].status.nodeInfo.kubeletVersion), nodes: \(.items | length)"'; }
