#!/bin/bash
# Makes an OCI image of a whole Debian system, about 35,000 files in two layers, with tools that are not ours, and prints its layout's path.
# The upper layer is what a user of the system changes: files and folders removed, replaced, given away and made.
#
# It takes some minutes and is kept in the cache; remove $CORACLE_CACHE/debian-2 to make it anew.
set -euo pipefail

CACHE=${CORACLE_CACHE:-$HOME/.cache/coracle}
HERE=$(cd "$(dirname "$0")" && pwd)
DIR=$CACHE/debian-2
export SOURCE_DATE_EPOCH=0

change() {
    local root=$1
    rm -rf "$root/usr/share/doc/perl" "$root/usr/share/zoneinfo" "$root/etc/motd"
    rm -f "$root/usr/bin/perl" && ln -s /bin/true "$root/usr/bin/perl"
    mkdir -p "$root/home/user/.config" && chown -R 1000:1000 "$root/home/user" && chmod 750 "$root/home/user"
    echo mail > "$root/var/mail/user" && chown 1000:8 "$root/var/mail/user"
    truncate -s 64M "$root/var/lib/sparse" && printf x | dd of="$root/var/lib/sparse" bs=1 seek=50000000 conv=notrunc status=none
    setcap cap_net_bind_service=+ep "$root/usr/bin/python3.11"
    ln "$root/etc/passwd" "$root/etc/passwd-again"
    touch -d '2001-02-03 04:05:06.789012345' "$root/etc/hostname"
    touch "$root/tmp/left"
    mknod "$root/srv/null" c 1 3 && mkfifo -m 600 "$root/srv/fifo"
}

make_layout() {
    # not local: the trap wants it
    "$HERE/provision.sh" packages >&2
    work=$(mktemp -d "$CACHE/debian.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    echo "debian-image: making a Debian root file system" >&2
    nice mmdebstrap --quiet --variant=important --mode=root \
        --include=python3,git,vim,iputils-ping,libcap2-bin,gcc,libc6-dev,postfix,openssh-server,manpages-dev,python3-dev,golang-1.19-src \
        bookworm "$work/rootfs.tar" >&2
    umoci init --layout "$work/layout" >&2
    umoci new --image "$work/layout:1" >&2
    umoci unpack --image "$work/layout:1" "$work/bundle" >&2
    tar -C "$work/bundle/rootfs" --numeric-owner --xattrs --xattrs-include='*' -xpf "$work/rootfs.tar"
    nice umoci repack --refresh-bundle --image "$work/layout:1" "$work/bundle" >&2
    change "$work/bundle/rootfs"
    nice umoci repack --image "$work/layout:1" "$work/bundle" >&2
    umoci gc --layout "$work/layout" >&2
    rm -rf "$DIR" "$CACHE/debian"
    mv "$work/layout" "$DIR"
}

mkdir -p "$CACHE"
exec 7> "$CACHE/debian.lock"
flock 7
[ -e "$DIR/index.json" ] || make_layout
echo "$DIR"
