#!/bin/bash
# Shows Coracle at work, on a Debian 12 machine with a JDK 25 or later: installs what is missing, builds, and runs a web server in a
# pod, from the pull of its image to the last trace of it.
#
#   deploy/quickstart.sh [IMAGE]     IMAGE: a web server that answers on port 80, such as docker.io/library/nginx:stable
#
# Without IMAGE it is nginx: Docker Hub's where that can be reached, else one made here of Debian's packages, served by Debian's
# docker-registry on loopback. Needs root. Everything it starts and makes outside this checkout and ~/.cache/coracle is gone when
# it ends; the Debian packages that it installs stay.
set -Eeuo pipefail
trap 'echo "quickstart.sh: line $LINENO: status $?" >&2' ERR

root=$(cd "$(dirname "$0")/.." && pwd)
home=$root/deploy/target/coracle
bridge=coracle-qs0
subnet=10.213.0.0/24

main() {
    [ "$(id -u)" -eq 0 ] || die "pods need root: run it with sudo"
    prepare
    work=$(mktemp -d /var/tmp/coracle-quickstart.XXXXXX)
    run=$(mktemp -d /run/coracle-quickstart.XXXXXX)
    trap clean_up EXIT
    forwarding=$(cat /proc/sys/net/ipv4/ip_forward)
    traces > "$work/before"
    image=${1:-$(usual_image)}
    configure
    start_daemon
    java_e2e dev.coracle.e2e.Quickstart "$run/coracle.sock" "$image" "$work/logs"
    step "SIGTERM to the daemon"
    stop daemon
    stop registry
    remove_bridge
    traces > "$work/after"
    if ! diff "$work/before" "$work/after"; then
        die "the above was left behind"
    fi
    say "no process, mount, namespace, link or cgroup is left"
}

step() { printf '\n==> %s\n' "$*"; }
say() { printf '    %s\n' "$*"; }
die() { echo "quickstart.sh: $*" >&2; exit 1; }

prepare() {
    step "packages and build"
    "$root/deploy/packages.sh" build
    "$root/e2e/tools/provision.sh" packages busybox registry cni
    (cd "$root" && mvn --batch-mode --no-transfer-progress --quiet -DskipTests -pl deploy,e2e -am package)
    say "$("$home/bin/coracle" version), in $home"
}

# Docker Hub's if it answers at all: whoever asks it for nothing gets a 401.
usual_image() {
    if [ "$(curl --silent --max-time 5 --output /dev/null --write-out '%{http_code}' https://registry-1.docker.io/v2/)" = 401 ]; then
        echo docker.io/library/nginx:stable
    else
        echo 127.0.0.1:5000/nginx:1
    fi
}

# A bridge without masquerading: nothing of iptables is needed to reach a pod from its own node.
configure() {
    mkdir -p "$work/cni" "$work/hosts" "$work/logs"
    cat > "$work/cni/10-bridge.conflist" << C
{"cniVersion": "1.0.0", "name": "quickstart", "plugins": [
  {"type": "bridge", "bridge": "$bridge", "isGateway": true,
   "ipam": {"type": "host-local", "dataDir": "$work/addresses", "ranges": [[{"subnet": "$subnet"}]]}}]}
C
    [ "${image#127.0.0.1:5000/}" = "$image" ] || start_registry
}

start_registry() {
    step "no public registry can be reached: docker-registry on loopback, with images of Debian's packages"
    local content
    content=$(java_e2e dev.coracle.e2e.images.Content)
    mkdir -p "$work/hosts/127.0.0.1:5000"
    echo 'server = "http://127.0.0.1:5000"' > "$work/hosts/127.0.0.1:5000/hosts.toml"
    cat > "$work/registry.yml" << C
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $content}}
http: {addr: "127.0.0.1:5000"}
C
    "${CORACLE_CACHE:-$HOME/.cache/coracle}/bin/docker-registry" serve "$work/registry.yml" > "$work/registry.log" 2>&1 &
    registry=$!
    wait_for "the registry" curl --silent --fail --output /dev/null http://127.0.0.1:5000/v2/
}

start_daemon() {
    step "coracle serve"
    "$home/bin/coracle" serve --state "$work/state" --run "$run" --cni-conf-dir "$work/cni" \
        --cni-bin-dir "${CORACLE_CACHE:-$HOME/.cache/coracle}/bin/cni" --hosts-dir "$work/hosts" \
        > "$work/daemon.out" 2> "$work/daemon.log" &
    daemon=$!
    wait_for "the daemon" grep -q '^ready ' "$work/daemon.out"
    "$home/bin/coracle" status --socket "$run/coracle.sock" | sed 's/^/    /'
}

wait_for() { # NAME COMMAND...
    local name=$1
    shift
    for _ in $(seq 300); do
        ! "$@" || return 0
        sleep 0.1
    done
    cat "$work"/*.log >&2
    die "$name does not come up"
}

java_e2e() { # CLASS ARGUMENT...
    (
        . "$home/lib/java.sh"
        find_java
        exec "$java_home/bin/java" -XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED -Dcoracle.root="$root" \
            -Dcoracle.programs="$root/e2e/target/programs" -Dcoracle.home="$home" \
            -cp "$root/e2e/target/classes:$root/e2e/target/lib/*" "$@"
    )
}

# What a container runtime could leave behind on a machine.
traces() {
    { ls /run/netns 2> /dev/null || true; } | sed 's/^/netns /' # none on a machine that never had one
    ip -oneline link | awk '{ print "link", $2 }' | sort
    awk '{ print "mount", $5 }' /proc/self/mountinfo | sort
    { find /sys/fs/cgroup -type d -path '*/coracle/*' 2> /dev/null || true; } | sort # others come and go meanwhile
    shims
}

# Those of this daemon: others may be at work on this machine.
shims() {
    local pid
    for pid in $({ grep --files-with-matches --line-regexp coracle-shim /proc/[0-9]*/comm 2> /dev/null || true; } | cut -d / -f 3); do
        if grep --quiet --null-data --fixed-strings "$run" "/proc/$pid/cmdline" 2> /dev/null \
            || ls -l "/proc/$pid/fd" "/proc/$pid/cwd" 2> /dev/null | grep --quiet --fixed-strings "$run"; then
            echo "process coracle-shim"
        fi
    done
}

registry= daemon=
stop() { # registry or daemon
    local pid=${!1}
    [ -n "$pid" ] || return 0
    printf -v "$1" ''
    kill -TERM "$pid" 2> /dev/null || return 0
    wait "$pid" || true
}

remove_bridge() {
    ip link delete "$bridge" 2> /dev/null || true
    echo "$forwarding" > /proc/sys/net/ipv4/ip_forward
}

clean_up() {
    local status=$?
    if [ $status -ne 0 ] && [ -s "$work/daemon.log" ]; then
        echo "quickstart.sh: the daemon's log:" >&2
        tail -20 "$work/daemon.log" >&2
    fi
    stop daemon
    stop registry
    remove_bridge
    rm -rf "$work" "$run"
}

main "$@"
