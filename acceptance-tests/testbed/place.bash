# Sourced by the scripts of this folder: where state lives, what is pinned, and how a step reports itself.
# Not for anything that one script alone needs.
set -euo pipefail
shopt -s inherit_errexit

testbed=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=versions.env
. "$testbed/versions.env"

# TAZLAB_TESTBED_CACHE names another folder for all that the testbed keeps: a run from an empty one is a fresh machine's.
cache=${TAZLAB_TESTBED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-tazlab/testbed}
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

# The Kubernetes of this run: the first that is pinned, or the one whose minor (or version) the environment names.
chosen=${KUBERNETES:-${KUBERNETES_MINORS%% *}} KUBERNETES=''
for version in $KUBERNETES_MINORS; do
  case $chosen in "$version" | "${version%.*}") KUBERNETES=$version ;; esac
done
[ -n "$KUBERNETES" ] || fail "KUBERNETES=$chosen: the testbed has only $KUBERNETES_MINORS (testbed/versions.env)"

minutes() { if [ "$1" -ge 90 ]; then echo "$((($1 + 30) / 60)) min"; else echo "$1 s"; fi; }

# will SECONDS…: what the steps to come take about, one number a step, so that each can say how long the rest takes. A caller whose own
# steps follow says theirs in TAZLAB_SECONDS_AFTER.
will() { ahead=("$@") steps=$# step_number=0; }

# step TITLE COMMAND…: runs it with its output in a log; says what it took and about how long the rest takes, and when it fails where
# to look. Where a person looks on, a bar moves meanwhile.
ahead=() step_number=1
step() {
  local title=$1 log start=$SECONDS number='' rest=0 seconds; shift
  if [ -n "${steps:-}" ]; then
    step_number=$((step_number + 1)) number="$step_number/$steps "
    for seconds in "${ahead[@]:step_number}" "${TAZLAB_SECONDS_AFTER:-0}"; do rest=$((rest + seconds)); done
  fi
  log=$logs/$(basename -- "$1")${2:+-$(basename -- "$2")}.log
  printf '  %-62s' "$number$title" >&2
  local drawn=''
  if [ -t 2 ]; then bar "$number$title" "${ahead[step_number - 1]:-0}" "$rest" & drawn=$!; fi
  local code=0
  "$@" > "$log" 2>&1 || code=$?
  if [ -n "$drawn" ]; then kill "$drawn" 2> /dev/null || true; wait "$drawn" 2> /dev/null || true; printf '\r\033[K  %-62s' "$number$title" >&2; fi
  if [ $code = 0 ]; then
    say "$((SECONDS - start)) s$([ "$rest" -lt 10 ] || echo ", the rest about $(minutes "$rest")")"
  else
    say "FAILED after $((SECONDS - start)) s"
    tail -n 15 "$log" | sed 's/^/    | /' >&2
    fail "$title: the whole log is $log; fix the cause and run the same command again, what is done already is kept"
  fi
}

# bar TITLE SECONDS REST: a line that is drawn again each second, until it is ended.
bar() {
  local start=$SECONDS width=20 filled spent left
  while sleep 1; do
    spent=$((SECONDS - start)) left=$(($2 > spent ? $2 - spent : 0))
    filled=$(($2 > 0 ? (spent < $2 ? spent * width / $2 : width) : 0))
    printf '\r\033[K  %-62s[%-*s] %s s, about %s left' "$1" "$width" "$(printf '%*s' "$filled" '' | tr ' ' '#')" "$spent" "$(minutes $((left + $3)))" >&2
  done
}

# What a program takes about to build with nothing cached on two cores with nothing beside it, in seconds.
declare -A seconds_to_build=([kind]=40 [kubernetes]=800 [coredns]=110 [vault]=320 [external-secrets]=190 [kustomize-controller]=200 [cert-manager]=300 [pebble]=15 [sops]=90 [registry]=90 [vault-auth-kubernetes]=60 [tailscale]=240)

# build_seconds PROGRAM: what its step will take about: next to nothing where it is built already.
build_seconds() { if "$testbed/program" --cached "$1" > /dev/null 2>&1; then echo 1; else echo "${seconds_to_build[$1]:-150}"; fi; }

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
describe_nodes() { jq -r '"Kubernetes \(.items[0].status.nodeInfo.kubeletVersion), nodes: \(.items | length)"'; }
