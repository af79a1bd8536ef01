#!/bin/bash
# Makes an OCI image of Debian's nginx on a real Debian root file system, with tools that are not ours, and prints its layout's path.
#
#   nginx-image.sh [ADDRESS]    with ADDRESS (host:port of a registry on plain http) also pushes it there as nginx:1, and under
#                               the two names that critest has for nginx, one of which serves on port 12003
#
# The root file system takes a minute and is kept in the cache; remove $CORACLE_CACHE/nginx to make it anew.
set -euo pipefail

CACHE=${CORACLE_CACHE:-$HOME/.cache/coracle}
HERE=$(cd "$(dirname "$0")" && pwd)
DIR=$CACHE/nginx
export SOURCE_DATE_EPOCH=0

configure() {
    local root=$1
    cat > "$root/etc/nginx/nginx.conf" << 'C'
user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr notice;
events { worker_connections 256; }
http {
    access_log /dev/stdout;
    default_type text/html;
    server {
        listen 80;
        listen [::]:80;
        root /usr/share/nginx/html;
    }
}
C
    sed 's/\(listen.*\)80;/\112003;/' "$root/etc/nginx/nginx.conf" > "$root/etc/nginx/12003.conf"
    # critest greps for a word in bytes, and wants to see nothing of the remark on that that GNU's grep makes
    install -D "$CACHE/bin/busybox" "$root/usr/local/bin/grep"
    mkdir -p "$root/usr/share/nginx/html"
    printf '<!DOCTYPE html>\n<title>Coracle</title>\n<h1>Served from a pod</h1>\n' > "$root/usr/share/nginx/html/index.html"
}

make_layout() {
    # not local: the trap wants it
    "$HERE/provision.sh" packages busybox >&2
    work=$(mktemp -d "$CACHE/nginx.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    echo "nginx-image: making a Debian root file system" >&2
    nice mmdebstrap --quiet --variant=minbase --mode=root --include=nginx-light \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$work/rootfs.tar" >&2
    umoci init --layout "$work/layout" >&2
    umoci new --image "$work/layout:1" >&2
    umoci unpack --image "$work/layout:1" "$work/bundle" >&2
    tar -C "$work/bundle/rootfs" --numeric-owner --xattrs -xpf "$work/rootfs.tar"
    configure "$work/bundle/rootfs"
    nice umoci repack --image "$work/layout:1" "$work/bundle" >&2
    umoci config --image "$work/layout:1" --created 1970-01-01T00:00:00Z --history.created 1970-01-01T00:00:00Z \
        --clear=config.entrypoint --config.cmd nginx --config.cmd -g --config.cmd 'daemon off;' --config.stopsignal SIGQUIT --config.exposedports 80/tcp \
        --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin >&2
    umoci config --image "$work/layout:1" --tag 12003 --created 1970-01-01T00:00:00Z --history.created 1970-01-01T00:00:00Z \
        --clear=config.cmd --config.cmd nginx --config.cmd -c --config.cmd /etc/nginx/12003.conf --config.cmd -g --config.cmd 'daemon off;' \
        --clear=config.exposedports --config.exposedports 12003/tcp >&2
    umoci gc --layout "$work/layout" >&2
    rm -rf "$DIR"
    mv "$work/layout" "$DIR"
}

mkdir -p "$CACHE"
exec 7> "$CACHE/nginx.lock"
flock 7
grep -qs '"12003"' "$DIR/index.json" || make_layout
push() { skopeo --insecure-policy copy --quiet --dest-tls-verify=false "oci:$DIR:$2" "docker://$1/$3" >&2; }
if [ $# -gt 0 ]; then
    push "$1" 1 nginx:1
    push "$1" 1 e2e-test-images/nginx:1.14-2
    push "$1" 12003 k8s-staging-cri-tools/hostnet-nginx-amd64:latest
fi
echo "$DIR"
