#!/bin/bash
# Makes the runnable tree that is Coracle: what `mvn package` calls.
#
#   package.sh JARS SHIM OUT    JARS: a folder with cri-server's jar and all it needs; SHIM: coracle-shim; OUT: the tree
#
# The tree can be moved. It holds bin/coracle, lib/ with the jars, the shim, native libraries and the AOT cache, and etc/.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
jars=$1 shim=$2 out=$3

main() {
    . "$here/tree/lib/java.sh"
    find_java
    local stamp
    stamp=$(inputs | sha256sum)
    if [ -f "$out/lib/coracle.aot" ] && [ "$(cat "$out.stamp" 2> /dev/null)" = "$stamp" ]; then
        return
    fi
    rm -rf "$out" "$out.stamp"
    mkdir -p "$out/lib/native"
    cp -a "$here/tree/." "$out"
    cp -a "$here/etc" "$out/etc"
    cp -p "$shim" "$out/lib/coracle-shim"
    copy_jars
    copy_natives
    make_aot_cache
    echo "$stamp" > "$out.stamp"
}

# All that the tree is made of: a change of any makes it again.
inputs() {
    cat "$java_home/release"
    find "$jars" "$shim" "$here/tree" "$here/etc" "$here/package.sh" -type f -printf '%p %s %T@\n' | sort
}

# Those in the main jar's class path, in its order, whatever else lies about.
copy_jars() {
    local jar
    cp -p "$jars"/cri-server-*.jar "$out/lib/cri-server.jar"
    for jar in $(class_path); do
        cp -p "$jars/$jar" "$out/lib/"
    done
}

class_path() {
    # A manifest's lines are broken at 72 bytes; the next begins with a space.
    unpack "$out/lib/cri-server.jar" META-INF/MANIFEST.MF
    sed -e ':join' -e '$!N' -e 's/\r\?\n //' -e 't join' -e 'P' -e 'D' "$unpacked/META-INF/MANIFEST.MF" |
        tr -d '\r' | sed -n 's/^Class-Path: //p'
}

# Beside the jars instead of in them: nothing is unpacked at start, and /tmp may be noexec.
copy_natives() {
    local netty jffi zstd
    case $(uname -m) in
        x86_64) netty=x86_64 jffi=x86_64-Linux zstd=amd64 ;;
        aarch64) netty=aarch_64 jffi=aarch64-Linux zstd=aarch64 ;;
        *) echo "package.sh: no native libraries for $(uname -m)" >&2 && exit 1 ;;
    esac
    native grpc-netty-shaded "META-INF/native/libio_grpc_netty_shaded_netty_transport_native_epoll_$netty.so"
    native grpc-netty-shaded "META-INF/native/libio_grpc_netty_shaded_netty_tcnative_linux_$netty.so"
    native jffi-.*-native "jni/$jffi/libjffi-1.2.so"
    native zstd-jni "linux/$zstd/libzstd-jni-[^/]*.so"
}

native() { # JAR FILE, both regular expressions
    local jar file
    jar=$(find "$out/lib" -maxdepth 1 -regex ".*/$1[^/]*\.jar")
    file=$("$java_home/bin/jar" --list --file "$jar" | grep -x "$2")
    unpack "$jar" "$file"
    install -m 755 "$unpacked/$file" "$out/lib/native/"
}

unpacked=
unpack() { # JAR FILE
    [ -n "$unpacked" ] || unpacked=$(mktemp -d)
    (cd "$unpacked" && "$java_home/bin/jar" --extract --file "$1" "$2")
}

# The JVM writes down what one run of the daemon loaded and how often it did what, and later runs begin from there. The run takes
# pods through their life, which needs root; without it the first pods on a node are slower. A tree without the cache works as well.
#
# The run is made with the quick compiler alone. Later runs compile what it has seen as it did, soon and once; the thorough compiler is
# kept for what it has not seen, and what turns out to be hot there. So it must not see the code that digests, decrypts and inflates,
# which is slow by the quick compiler: 96 MB/s of SHA-256 where the other makes 1,500. What the run calls and does not compile, later
# runs interpret for a hundred times as many calls as they otherwise would (Tier0ProfileDelayFactor); so it compiles all that comes up
# in every fifth pod.
make_aot_cache() {
    local scratch
    scratch=$(mktemp -d)
    { train "$scratch" && assemble "$scratch"; } 3>&2 > "$scratch/log" 2>&1 || {
        echo "package.sh: warning: no AOT cache, start-up will be slow:" >&2
        tail -20 "$scratch/log" >&2
    }
    rm -rf "$scratch"
}

train() { # SCRATCH
    local daemon package options="-XX:AOTMode=record -XX:AOTConfiguration=$1/seen -XX:TieredStopAtLevel=1"
    options+=" -XX:Tier3InvocationThreshold=20 -XX:Tier3MinInvocationThreshold=10 -XX:Tier3CompileThreshold=100"
    options+=" -XX:CompileCommand=quiet"
    for package in sun.security com.sun.crypto java.util.zip; do
        options+=" -XX:CompileCommand=exclude,$package.*::*"
    done
    printf 'log.level = "info"\n' > "$1/coracle.toml"
    mkdir "$1/cni"
    CORACLE_JAVA_OPTS=$options "$out/bin/coracle" serve --config "$1/coracle.toml" \
        --state "$1/state" --run "$1/run" --socket "$1/s" --cni-conf-dir "$1/cni" --hosts-dir "$1" > "$1/out" &
    daemon=$!
    for _ in $(seq 300); do
        ! grep -q '^ready ' "$1/out" || break
        kill -0 "$daemon"
        sleep 0.1
    done
    "$out/bin/coracle" status --socket "$1/s"
    "$out/bin/coracle" check --rounds 100 --socket "$1/s" ||
        echo "package.sh: warning: no pods in the AOT cache: they need root" >&3
    kill -TERM "$daemon"
    wait "$daemon" || [ $? -eq 143 ]
}

# Under G1, the one collector that JDK 25 can store objects by. Without them classes are not linked ahead, nor lambdas made.
assemble() { # SCRATCH
    CORACLE_JAVA_HEAP="-XX:+UseG1GC -Xmx128m" \
        CORACLE_JAVA_OPTS="-XX:AOTMode=create -XX:AOTConfiguration=$1/seen -XX:AOTCache=$out/lib/coracle.aot" "$out/bin/coracle"
    [ -s "$out/lib/coracle.aot" ]
}

trap '[ -z "$unpacked" ] || rm -rf "$unpacked"' EXIT
main
