#!/bin/bash
# Boots Debian 12's cloud kernel (6.1) in qemu, with a real cgroup v2 and a minimal user land, and runs something inside.
#
#   deploy/vm/run.sh [OPTION...] SCENARIO...            scenarios of the packaged Coracle (deploy/vm/scenarios; "all" for every one)
#   deploy/vm/run.sh [OPTION...] --exec PROGRAM ARGS... any program or script
#
# With --exec, PROGRAM is a file of this machine (static, or dynamic: its libraries come along), the name of a file in a --dir, or a
# command of the VM (sh, mount, ip …). It runs as root in /payload/t, where the files of every --dir are. Its output is this command's
# output, its exit status this command's (124 when the time was up, 125 when the VM died; the console is shown then). Examples:
#
#   deploy/vm/run.sh --exec runtime-core/target/shim/kernel-test -v
#   deploy/vm/run.sh --dir target/tests --cgroup hybrid --exec ./all.sh
#   deploy/vm/run.sh --exec sh -c 'uname -r; cat /proc/self/mountinfo; cat /sys/fs/cgroup/cgroup.controllers'
#
# Options:
#   --dir DIR        copy DIR's content to /payload/t in the VM (repeatable); the VM's changes to it are thrown away
#   --disk DIR       give DIR's content on a disk of its own, at /disk1, /disk2 … in order (kept in the cache while DIR is unchanged;
#                    for large things that seldom change)
#   --data FILE      attach FILE, a file system's image, as the disk after those: what the VM writes to it stays, up to the moment when the
#                    VM is killed
#   --out DIR        what the program puts in /out comes back to DIR (a serial line carries it: keep it below some MB)
#   --env K=V        environment of the program (repeatable)
#   --cgroup MODE    v2 (default), hybrid or v1
#   --modules A,B    load these kernel modules first (most are loaded by the kernel itself when they are wanted)
#   --memory MB      default 2048        --cpus N         default 2
#   --timeout S      default 240         --verbose        show the kernel's console
#   --kernel DIR     another kernel package, unpacked by dpkg -x (default: the newest linux-image-cloud-amd64 of this Debian), or 6.12:
#                    Debian 12's newer one, with which pods can have user namespaces
#   --append TEXT    more kernel command line: "apparmor=1 security=apparmor", or "security=selinux enforcing=1" for SELinux
#                    with the policy of selinux.cil (0: it forbids nothing)
#
# There is no network card; loopback is up. Qemu emulates (no KVM is needed), so expect programs to be 10 to 20 times slower than
# outside; CORACLE_VM_ACCEL=kvm uses KVM where it works. Booting takes some seconds. Runs may go on side by side: nothing is shared.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
CACHE=${CORACLE_CACHE:-$HOME/.cache/coracle}
KERNEL=$CACHE/deb-kernel
ACCEL=${CORACLE_VM_ACCEL:-tcg}
MEMORY=2048 CPUS=2 LIMIT=240 CGROUP=v2 MODULES= APPEND= VERBOSE= OUT= EXEC= DATA=
DIRS=() DISKS=() ENVS=() ARGS=()

usage() { sed -n '2,/^set -euo/{/^set/d;s/^# \{0,1\}//;p}' "$0"; }
die() { echo "vm: $*" >&2; exit 125; }

parse() {
    while [ $# -gt 0 ]; do
        case $1 in
            --exec) EXEC=yes; shift; ARGS=("$@"); break ;;
            --dir) DIRS+=("$(realpath "$2")"); shift ;;
            --disk) DISKS+=("$(realpath "$2")"); shift ;;
            --data) DATA=$(realpath "$2"); shift ;;
            --out) OUT=$2; shift ;;
            --env) ENVS+=("$2"); shift ;;
            --cgroup) CGROUP=$2; shift ;;
            --modules) MODULES=$2; shift ;;
            --memory) MEMORY=$2; shift ;;
            --cpus) CPUS=$2; shift ;;
            --timeout) LIMIT=$2; shift ;;
            --kernel) KERNEL=$2; shift ;;
            --append) APPEND=$2; shift ;;
            --verbose) VERBOSE=yes ;;
            -h | --help) usage; exit 0 ;;
            -*) die "unknown option $1: see --help" ;;
            *) ARGS+=("$1") ;;
        esac
        shift
    done
    [ ${#ARGS[@]} -gt 0 ] || { usage; exit 125; }
}

kernel() {
    if [ "$KERNEL" = 6.12 ]; then
        "$ROOT/e2e/tools/provision.sh" kernel612 >&2
        KERNEL=$CACHE/deb-kernel-6.12
    fi
    KERNEL=$(realpath "$KERNEL")
}

# The boot files for this kernel and this state of image.sh and guest-init.
boot_files() {
    local version key
    version=$(basename "$KERNEL"/boot/vmlinuz-*)
    key=$(cat "$HERE/image.sh" "$HERE/guest-init" "$HERE/selinux.cil" | sha256sum | cut -c1-12)
    BOOT=$CACHE/vm/${version#vmlinuz-}-$key
    exec 8> "$CACHE/vm.lock"
    flock 8
    if [ ! -e "$BOOT/base.ext4" ]; then
        echo "vm: making the root file system" >&2
        rm -rf "$CACHE/vm/${version#vmlinuz-}"-*
        nice "$HERE/image.sh" "$KERNEL" "$BOOT.new" >&2
        mv -T "$BOOT.new" "$BOOT"
    fi
    flock -u 8
}

# ext4 DIR FILE [KIB]: a file system with the content of DIR and so much room (the file is sparse)
ext4() {
    local kib
    kib=$(($(du -sk --apparent-size "$1" | cut -f1) * 5 / 4 + $(find "$1" | wc -l) * 5 + ${3:-1500000}))
    truncate -s "${kib}K" "$2"
    mke2fs -q -t ext4 -N "$(($(find "$1" | wc -l) + 20000))" -E root_owner=0:0 -d "$1" "$2" 2>&1 | grep -v '^$' >&2 || true
}

# disk_image DIR: prints the path of the cached image of DIR
disk_image() {
    local key file
    key=$(cd "$1" && find . ! -type d -printf '%p %s %T@ %m %l\n' | sort | cat - <(echo "$1") | sha256sum | cut -c1-16)
    file=$CACHE/vm/disk-$(basename "$1")-$key.ext4
    if [ ! -e "$file" ]; then # those in use go on without their names
        find "$CACHE/vm" -maxdepth 1 -name "disk-$(basename "$1")-*" -mmin +30 -delete
        ext4 "$1" "$file.$$" 262144
        mv "$file.$$" "$file"
    fi
    echo "$file"
}

payload() {
    local tree=$WORK/payload d a program=${ARGS[0]}
    mkdir -p "$tree/t" "$tree/lib"
    for d in ${DIRS[@]+"${DIRS[@]}"}; do cp -a "$d/." "$tree/t/"; done
    if [ -f "$program" ] && [ ! -e "$tree/t/$program" ]; then
        cp "$program" "$tree/t/"
        ldd "$program" 2> /dev/null | grep -o '/[^ ]*' | while read -r a; do cp -L "$a" "$tree/lib/"; done || true # static
        ARGS[0]=./$(basename "$program")
        chmod +x "$tree/t/$(basename "$program")"
    elif [ -f "$tree/t/$program" ]; then
        ARGS[0]=./$program
    fi
    {
        echo "mkdir -p /out"
        [ -z "$(ls "$tree/lib")" ] || echo "for l in /payload/lib/*; do [ -e /usr/lib/x86_64-linux-gnu/\${l##*/} ] || { mkdir -p /usr/lib/x86_64-linux-gnu; cp \$l /usr/lib/x86_64-linux-gnu/; }; [ -e /lib64/ld-linux-x86-64.so.2 ] || cp /payload/lib/ld-linux-x86-64.so.2 /lib64/; done"
        for a in ${ENVS[@]+"${ENVS[@]}"}; do printf 'export %q\n' "$a"; done
        printf 'exec'
        printf ' %q' "${ARGS[@]}"
        echo
    } > "$tree/run-me"
    ext4 "$tree" "$WORK/payload.ext4"
    rm -rf "$tree"
}

# Boots and waits. A machine that stood still is started once more: its drives are as they were, but for --data, which is not.
run() {
    boot
    [ -e "$WORK/stuck" ] || return 0
    console
    [ -z "$DATA" ] || die "the VM stood still"
    echo "vm: the VM stood still: once more" >&2
    rm "$WORK"/{stuck,console,status,out.tar}
    boot
    [ ! -e "$WORK/stuck" ] || { console; die "the VM stood still twice"; }
}

# Ends the machine when it has not given a beat (see guest-init) for a minute. QEMU's emulator sometimes stops running one of the
# processors, as seldom as once in a hundred runs; the kernel then says that its timers do not come, and waits forever.
watch_beats() {
    local seen=0 size emulator
    exec 7<> <(:) # a pipe that nobody writes to: time passes without a process
    while ! read -rt 60 -u 7; do
        size=$(stat -c %s "$WORK/status")
        if [ "$size" = "$seen" ]; then
            : > "$WORK/stuck"
            emulator=$(pgrep -P "$(pgrep -P $$ -x timeout)")
            state "$emulator" >&2
            kill -9 "$emulator"
            return
        fi
        seen=$size
    done
}

# What the emulator's threads do and where its processors are (HLT=1: waiting for an interrupt), for who looks for the cause.
state() { # PID
    local t
    for t in "/proc/$1"/task/*; do
        echo "vm: thread $(cat "$t/comm"): $(cut -d' ' -f3,14,15 "$t/stat"), waits in $(cat "$t/wchan")"
    done
    timeout 5 sh -c "echo 'info registers -a' > '$WORK/monitor.in'" || true
    timeout 5 cat "$WORK/monitor.out" | grep -aE '^(CPU#|RIP)' || true
}

boot() {
    local drives=() d rc=0 watch
    for d in "$BOOT/base.ext4" "$WORK/payload.ext4" ${DISK_IMAGES[@]+"${DISK_IMAGES[@]}"}; do
        drives+=(-drive "file=$d,if=virtio,format=raw,snapshot=on,cache=unsafe")
    done
    [ -z "$DATA" ] || drives+=(-drive "file=$DATA,if=virtio,format=raw,cache=writeback")
    touch "$WORK/console" "$WORK/status" "$WORK/out.tar"
    [ -p "$WORK/monitor.in" ] || mkfifo "$WORK"/monitor.{in,out}
    watch_beats &
    watch=$!
    emulator "${drives[@]}" || rc=$?
    kill $watch 2> /dev/null || true
    [ -z "$VERBOSE" ] || tr -d '\r' < "$WORK/console" >&2
    [ ! -e "$WORK/stuck" ] || return 0
    [ -z "$OUT" ] || { mkdir -p "$OUT" && tar -C "$OUT" -xf "$WORK/out.tar"; }
    [ $rc != 124 ] || { console; echo "vm: not finished after $LIMIT s" >&2; exit 124; }
    STATUS=$(sed -n 's/^status \([0-9]*\).*/\1/p' "$WORK/status")
    [ -n "$STATUS" ] || { console; die "the VM ended without a status (qemu: $rc)"; }
}

emulator() { # DRIVES
    local cpu=max,la57=off accel=(-accel "$ACCEL")
    [ "$ACCEL" = tcg ] && accel=(-accel tcg,thread=multi)
    [ "$ACCEL" = kvm ] && cpu=host
    TMPDIR=$WORK timeout -k 5 "$LIMIT" qemu-system-x86_64 -M q35 -cpu $cpu "${accel[@]}" -m "$MEMORY" -smp "$CPUS" -nodefaults -display none -no-reboot \
        -kernel "$BOOT/vmlinuz" -initrd "$BOOT/initrd.gz" -device virtio-rng-pci -net none "$@" \
        -chardev "pipe,id=monitor,path=$WORK/monitor" -mon monitor \
        -append "console=ttyS0 quiet loglevel=${VERBOSE:+7}${VERBOSE:-4} panic=-1 mitigations=off random.trust_cpu=on tsc=reliable vm.cgroup=$CGROUP vm.modules=$MODULES $APPEND" \
        -serial "file:$WORK/console" -serial stdio -serial "file:$WORK/status" -serial "file:$WORK/out.tar" < /dev/null
}

console() { [ -n "$VERBOSE" ] || { echo "vm: the console's last lines:"; tr -d '\r' < "$WORK/console" | tail -40; } >&2; }

main() {
    parse "$@"
    [ -e "$CACHE/deb-kernel" ] && [ -e "$CACHE/deb-apparmor" ] && [ -e "$CACHE/deb-secilc" ] && [ -e "$CACHE/bin/busybox" ] && command -v qemu-system-x86_64 > /dev/null || "$ROOT/e2e/tools/provision.sh" vm >&2
    kernel
    boot_files
    mkdir -p "$CACHE/vm"
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/coracle-vm.XXXXXX")
    trap 'rm -rf "$WORK"' EXIT
    [ -n "$EXEC" ] || . "$HERE/scenarios.sh"
    payload
    DISK_IMAGES=()
    for d in ${DISKS[@]+"${DISKS[@]}"}; do DISK_IMAGES+=("$(disk_image "$d")"); done
    run
    exit "$STATUS"
}

main "$@"
