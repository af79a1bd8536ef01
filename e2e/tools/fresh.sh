#!/bin/bash
# Tries what README.md promises where nothing is installed yet: makes the root file system of an empty Debian 12 (`minbase`) with a JDK,
# enters it as a machine of its own, and runs a command there, in a clone of what is committed here.
#
#   e2e/tools/fresh.sh [--with DIR]... DIR [COMMAND...]     e.g. e2e/tools/fresh.sh /var/tmp/fresh deploy/test.sh
#
# COMMAND is deploy/quickstart.sh if none is given. --with brings a folder of this machine to the same place there, such as Go's in
# /usr/local/go. DIR is made if it is not there, and kept: the next call goes on where the last one ended, with all that was installed
# by then. Remove DIR to begin anew; nothing is mounted in it once this has ended. It takes some GB. Needs root and mmdebstrap.
#
# Kernel, cgroups, devices and network are this machine's; files, mounts and process ids are not. Of this machine's settings it gets what
# reaches the package registries: proxies, certificates, apt's way of fetching, Maven's settings.xml and Go's environment file.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
with=()

main() {
    while [ "${1:-}" = --with ]; do
        with+=("$2")
        shift 2
    done
    [ $# -gt 0 ] || { sed -n '2,/^set -euo/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
    dir=$(realpath -m -- "$1")
    shift
    [ $# -gt 0 ] || set -- deploy/quickstart.sh
    [ -e "$dir/root/.fresh" ] || make_machine
    clone
    # What is mounted and what runs there ends with the first process there, however it ends.
    exec unshare --mount --pid --fork --kill-child --propagation private "$BASH" "$0" --inside "$dir" "$@"
}

make_machine() {
    [ ! -e "$dir" ] || { echo "fresh.sh: $dir is there, and not one of mine: name another folder, or remove it" >&2; exit 1; }
    echo "fresh.sh: making an empty Debian 12 in $dir" >&2
    local options
    mapfile -t options < <(fetching)
    mmdebstrap --quiet --variant=minbase --include=ca-certificates ${options[@]+"${options[@]}"} bookworm "$dir"
    cp -a /usr/local/share/ca-certificates/. "$dir/usr/local/share/ca-certificates/"
    chroot "$dir" update-ca-certificates > /dev/null 2>&1
    settings "$HOME/.m2/settings.xml" .m2/settings.xml
    settings "$(go env GOENV 2> /dev/null)" .config/go/env
    bring_java
    local folder
    for folder in ${with[@]+"${with[@]}"}; do
        mkdir -p "$dir$(dirname "$folder")"
        cp -a "$folder" "$dir$folder"
    done
    touch "$dir/root/.fresh"
}

fetching() {
    apt-config dump --format '%F "%v";%n' | sed -nE '/^Acquire::(http|https|Check-[^ ]*|Retries)[: ]/s/^/--aptopt=/p'
}

settings() { # FILE NAME: to $HOME/NAME there
    [ -f "$1" ] || return 0
    install -D "$1" "$dir/root/$2"
}

# To where distributions keep JDKs, but not into PATH. Its certificates may be a link to this machine's.
bring_java() {
    local java_home version
    . "$root/deploy/tree/lib/java.sh"
    find_java
    mkdir -p "$dir/usr/lib/jvm"
    cp -rL --preserve=mode,timestamps "$java_home" "$dir/usr/lib/jvm/jdk-$version"
}

clone() {
    local there=$dir/root/coracle
    if [ -d "$there" ]; then
        git -C "$there" fetch --quiet --depth 1 origin HEAD
        git -C "$there" checkout --quiet --force --detach FETCH_HEAD
    else
        git clone --quiet --depth 1 "file://$root" "$there"
    fi
}

# Not chroot alone: the root of a container's mounts is changed by pivot_root, which only works where the root is that of a mount.
inside() {
    local dir=$1
    shift
    mount --bind "$dir" "$dir"
    mount -t proc proc "$dir/proc"
    mount --rbind /sys "$dir/sys"
    mount --rbind /dev "$dir/dev"
    mount -t tmpfs -o mode=755 tmpfs "$dir/run"
    mount -t tmpfs -o mode=1777 tmpfs "$dir/tmp"
    cd "$dir"
    pivot_root . mnt
    exec chroot . /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${reaching[@]+"${reaching[@]}"} /bin/bash -c 'umount -l /mnt; cd /root/coracle; "$@"; exit $?' bash "$@"
}

reaching=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY GOPROXY GOSUMDB MAVEN_OPTS; do
    [ -z "${!name:-}" ] || reaching+=("$name=${!name}")
done
if [ "${1:-}" = --inside ]; then
    shift
    inside "$@"
fi
main "$@"
