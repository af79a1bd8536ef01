# Sourced by run.sh when scenarios are asked for: the e2e tests run inside, against the packaged Coracle, on this kernel and its cgroups.
#
# A scenario is a class of e2e's tests, or "all" for those tagged "vm". What goes along: the packaged tree, the tests and their libraries,
# a small Java, the tools of e2e/tools/provision.sh, and a registry's folder with the test images.

jdk() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        if grep -qsE '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release" && [ -x "$home/bin/jlink" ]; then echo "$home"; return; fi
    done
    die "no JDK 25 in JAVA_HOME or /usr/lib/jvm"
}

# The part of the JDK that the daemon and the tests need, made once for each JDK.
small_java() {
    local home=$1 out
    out=$CACHE/jre-$(sha256sum "$home/release" "$HERE/scenarios.sh" | sha256sum | cut -c1-12)
    if [ ! -d "$out" ]; then
        rm -rf "$CACHE"/jre-*
        nice "$home/bin/jlink" --strip-debug --no-man-pages --no-header-files --output "$out.new" --add-modules \
            java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs >&2
        nice "$out.new/bin/java" -XX:+UseSerialGC -Xshare:dump > /dev/null 2>&1 || true
        mv -T "$out.new" "$out"
    fi
    echo "$out"
}

# The images' folder, by the program that makes it.
images() {
    "$1/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp "$E2E/classes:$E2E/lib/*" \
        -Dcoracle.root="$ROOT" -Dcoracle.programs="$E2E/programs" dev.coracle.e2e.images.Content
}

# A folder that looks like the tools' cache, and is one in the VM. Hard links: it costs no space.
tools_disk() {
    local java=$1 content=$2 dir=$CACHE/vm/tools tool
    rm -rf "$dir"
    mkdir -p "$dir/bin"
    cp -al "$java" "$dir/jre"
    cp -al "$content" "$dir/$(basename "$content")"
    local peers=
    [ "${CORACLE_VM_RUNTIME:-coracle}" != containerd ] || peers="containerd containerd-shim-runc-v2 runc"
    for tool in busybox docker-registry cni crictl critest $peers; do
        [ ! -e "$CACHE/bin/$tool" ] || cp -rL "$CACHE/bin/$tool" "$dir/bin/"
    done
    find "$dir" -name _uploads -prune -exec rm -rf {} +
    echo "$dir"
}

E2E=$ROOT/e2e/target
HOME_TREE=$ROOT/deploy/target/coracle
[ -x "$HOME_TREE/bin/coracle" ] || die "no packaged tree in $HOME_TREE: build first"
[ -d "$E2E/lib" ] || die "the tests are not built: no $E2E/lib"
for part in busybox registry cni critest; do "$ROOT/e2e/tools/provision.sh" $part >&2; done

JDK=$(jdk)
exec 6> "$CACHE/vm-tools.lock"
flock 6
DISKS=("$(tools_disk "$(small_java "$JDK")" "$(images "$JDK")")" ${DISKS[@]+"${DISKS[@]}"})
STAGE=$WORK/stage
mkdir -p "$STAGE/e2e/target" "$STAGE/deploy/target"
cp -a "$E2E/classes" "$E2E/test-classes" "$E2E/lib" "$E2E/programs" "$STAGE/e2e/target/"
cp -a "$HOME_TREE" "$STAGE/deploy/target/"
DIRS+=("$STAGE")
ENVS+=("CORACLE_CACHE=/disk1" "JAVA_HOME=/disk1/jre")
# QEMU's emulator reads an instruction byte by byte, and so may see half of what another processor writes: the jump that a JVM puts over the
# beginning of code which better code replaces. A processor does not. Code of the quick compiler is not replaced so.
ENVS=("CORACLE_JAVA_OPTS=-XX:TieredStopAtLevel=1" "${ENVS[@]}")
ARGS=(/disk1/jre/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m --enable-native-access=ALL-UNNAMED -Dio.grpc.netty.shaded.io.netty.machineId=00:00:00:00:00:01
    -cp "e2e/target/test-classes:e2e/target/classes:e2e/target/lib/*" -Dcoracle.e2e=true -Dcoracle.e2e.vm=true -Dcoracle.e2e.runtime="${CORACLE_VM_RUNTIME:-coracle}"
    -Dcoracle.root=/payload/t -Dcoracle.programs=/payload/t/e2e/target/programs -Dcoracle.home=/payload/t/deploy/target/coracle
    dev.coracle.e2e.Scenarios "${ARGS[@]}")
