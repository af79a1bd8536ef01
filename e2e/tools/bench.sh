#!/bin/bash
# Measures a CRI runtime, or races several round by round, and prints Markdown tables (as in docs/performance.md).
#
#   bench.sh [NAME=WHAT...] [--what=PART,...] [--rounds=50] [--warm-up=10] [--pods=20] [--log-lines=500000] [--registry=HOST:PORT]
#
# WHAT: coracle     the packaged tree, started for this in a network and mount namespace of its own (the default, alone)
#       containerd  Debian's containerd and runc, likewise
#       containerd-newest  containerd 2.4.2 and runc 1.5.2, built from their Go modules the first time
#       /path       the socket of any CRI runtime that runs already; it must reach the test images at --registry, which needs to be
#                   filled (e2e.images.Content prints a registry's folder); its memory is not measured
# PARTs: cycle (a pod's life on the host's network), network (on a CNI bridge), exec, memory, log, pull; all by default. And images:
#                 pulls of large images, over http and TLS, with CPU time and what the steps take alone; makes 1 GiB of images the first time.
#
# The nodes' state lies in BENCH_DIR if that is set: a folder that may be made, on the file system that is to be measured.
# Needs root and what `mvn verify` builds. Quiet machines only: look at the load that it prints.
set -euo pipefail

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
E2E=$ROOT/e2e/target
jdk() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        if grep -qsE '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release"; then echo "$home"; return; fi
    done
    echo "bench.sh: no JDK 25 in JAVA_HOME or /usr/lib/jvm" >&2
    return 1
}
[ -d "$E2E/lib" ] || { echo "bench.sh: $E2E/lib is not there: build first" >&2; exit 1; }
exec "$(jdk)/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$E2E/classes:$E2E/lib/*" \
    -Dcoracle.root="$ROOT" -Dcoracle.programs="$E2E/programs" -Dcoracle.home="$ROOT/deploy/target/coracle" -Dcoracle.bench.dir="${BENCH_DIR:-$E2E/bench}" \
    dev.coracle.e2e.bench.Bench "$@"
