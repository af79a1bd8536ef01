#!/bin/bash
# Brings the tools that the end-to-end tests and the test VM need. Run it as often as you like: what is there is left alone.
#
#   provision.sh [PART...]     no PART: all of them
#
# PARTs: packages  Debian packages that have to be installed (images, namespaces, compilers for the test programs)
#        busybox   static busybox, the user land of most test images and of the VM, and the other busybox, for critest's shell
#        registry  docker-registry, an OCI registry for loopback
#        cni       the CNI plugins, newest version, or Debian's where no usable Go is installed
#        crictl    the CRI command line tool (needs Go)
#        critest   the CRI conformance suite (needs Go)
#        kubelet   a kubelet (needs Go; a quarter of an hour on two cores, once)
#        vm        qemu and Debian's cloud kernel, and the parser of AppArmor profiles and the compiler of SELinux policies for it
#        kernel612 Debian 12's newer cloud kernel for the VM; not among "all of them"
#        peers     Debian's containerd and runc, another runtime to run the same tests and benchmarks against
#        igzip     the fastest program that undoes gzip, for benchmarks; not among "all of them"
#        rivals    the newest containerd and runc, for benchmarks (needs Go; some minutes, once); not among "all of them"
#
# Go must be as new as the program asks for that is built with it, 1.26 for most, or 1.21 and allowed to fetch a newer one. Debian 12's own
# is neither: what needs Go is left out there, with a line that says so, and so are the tests that drive it.
#
# Everything that is not an installed package goes to ${CORACLE_CACHE:-$HOME/.cache/coracle}. Packages are unpacked there
# rather than installed wherever a program is all that is wanted: no service starts, no package of the machine is replaced.
set -euo pipefail

CACHE=${CORACLE_CACHE:-$HOME/.cache/coracle}
BIN=$CACHE/bin
# What is built from Go modules, and the Go that each asks for.
CRI_TOOLS=v1.36.0 CRI_TOOLS_GO=1.26.2
KUBERNETES=v1.37.1 KUBERNETES_GO=1.26.0
CNI_PLUGINS=v1.9.1 CNI_PLUGINS_GO=1.24.2
CONTAINERD=v2.4.2 CONTAINERD_GO=1.26.6
RUNC=v1.5.2
CNI_NAMES="bandwidth bridge firewall host-local loopback portmap ptp tuning"

say() { echo "provision: $*"; }
die() { echo "provision: $*" >&2; exit 1; }

main() {
    mkdir -p "$BIN"
    exec 9> "$CACHE/provision.lock"
    flock 9
    [ $# -gt 0 ] || set -- packages busybox registry cni crictl critest kubelet vm peers
    for part; do
        case $part in
            packages | busybox | registry | cni | crictl | critest | kubelet | vm | kernel612 | peers | igzip | rivals) "provide_$part" ;;
            *) die "unknown part $part: see the head of $0" ;;
        esac
    done
}

# ---- Debian packages ----

provide_packages() {
    installed skopeo umoci mmdebstrap e2fsprogs iproute2 iptables kmod procps gcc musl-tools curl
}

installed() {
    local missing=()
    for p; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2> /dev/null)" = installed ] || missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    lists_fresh "${missing[0]}"
    without_services apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${missing[@]}" > "$CACHE/apt.log" 2>&1 ||
        { tail -20 "$CACHE/apt.log" >&2; die "apt-get install ${missing[*]}: failed"; }
}

# A new machine may have no package lists, or old ones.
lists_fresh() {
    [ -n "$(apt-cache policy "$1" 2> /dev/null | grep Candidate | grep -v none)" ] && [ -n "${LISTS_FRESH:-}" ] && return 0
    apt-get -o DPkg::Lock::Timeout=600 update -qq > "$CACHE/apt.log" 2>&1 || say "apt-get update failed, going on with the lists there are"
    LISTS_FRESH=yes
}

# Debian's packages start their services unless a policy forbids it. What we add for that moment goes away again.
without_services() {
    local policy=/usr/sbin/policy-rc.d rc=0
    if [ -e $policy ]; then DEBIAN_FRONTEND=noninteractive "$@"; return; fi
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
    DEBIAN_FRONTEND=noninteractive "$@" || rc=$?
    rm -f $policy
    return $rc
}

# unpacked NAME PACKAGE: the package's files under $CACHE/NAME, without installing it
unpacked() {
    local name=$1 package=$2 work
    [ -d "$CACHE/$name" ] && return 0
    say "fetching $package"
    lists_fresh "$package"
    work=$(mktemp -d "$CACHE/fetch.XXXXXX")
    chmod 755 "$work"
    (cd "$work" && apt-get download -qq "$package" > "$CACHE/apt.log" 2>&1) ||
        { cat "$CACHE/apt.log" >&2; die "apt-get download $package: failed"; }
    mkdir "$work/root"
    dpkg -x "$work"/*.deb "$work/root"
    mv -T "$work/root" "$CACHE/$name"
    rm -rf "$work"
}

provide_busybox() {
    unpacked deb-busybox busybox-static
    unpacked deb-busybox-dynamic busybox
    ln -sf ../deb-busybox/bin/busybox "$BIN/busybox"
    ln -sf ../deb-busybox-dynamic/bin/busybox "$BIN/busybox-dynamic"
}

provide_registry() {
    [ -x "$BIN/docker-registry" ] && return 0
    unpacked deb-docker-registry docker-registry
    ln -sf ../deb-docker-registry/usr/bin/docker-registry "$BIN/docker-registry"
}

provide_vm() {
    provide_busybox
    installed qemu-system-x86 e2fsprogs cpio kmod xz-utils libsepol2
    unpacked deb-apparmor apparmor
    unpacked deb-secilc secilc
    kernel deb-kernel linux-image-cloud-amd64
}

provide_kernel612() {
    kernel deb-kernel-6.12 linux-image-6.12-cloud-amd64
}

# kernel NAME PACKAGE: unpacks the kernel that this empty package stands for
kernel() {
    [ -d "$CACHE/$1" ] && return 0
    lists_fresh "$2"
    unpacked "$1" "$(apt-cache depends "$2" | awk '$1 == "Depends:" { print $2; exit }')"
}

provide_peers() {
    unpacked deb-containerd containerd
    unpacked deb-runc runc
    ln -sf ../deb-containerd/usr/bin/containerd ../deb-containerd/usr/bin/containerd-shim-runc-v2 ../deb-runc/usr/sbin/runc "$BIN/"
    installed libseccomp2 libbtrfs0
}

provide_igzip() {
    unpacked deb-isal isal
    installed libisal2
    ln -sf ../deb-isal/usr/bin/igzip "$BIN/igzip"
}

# ---- Go modules ----

# go_usable VERSION: there is a Go so new, or one that fetches it by itself: 1.21 and later do, unless told not to
go_usable() {
    command -v go > /dev/null || return 1
    local version
    version=$(go env GOVERSION)
    version=${version#go}
    at_least "$1" "$version" && return 0
    at_least 1.21 "$version" || return 1
    case $(go env GOTOOLCHAIN) in
        auto | *+auto) ;;
        *) return 1 ;;
    esac
}

at_least() { # VERSION OTHER: whether OTHER is as new
    [ "$(printf '%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]
}

without_go() { # VERSION CONSEQUENCE
    say "no Go $1 or later, nor one that may fetch it: $2"
}

# module_source MODULE VERSION DIR: a writable copy of the module's source
module_source() {
    local dir
    dir=$(go mod download -json "$1@$2" | sed -n 's/^\s*"Dir": "\(.*\)",\?$/\1/p')
    [ -n "$dir" ] || die "go mod download $1@$2: failed"
    cp -r "$dir" "$3"
    chmod -R u+w "$3"
}

# go_build MODULE VERSION OUT BUILD...: BUILD is run in the module's source, with $OUT a folder to build to, and with C if CGO=1
go_build() {
    local module=$1 version=$2 out=$3 work
    shift 3
    say "building $(basename "$out") from $module $version"
    work=$(mktemp -d "$CACHE/build.XXXXXX")
    mkdir "$work/out"
    module_source "$module" "$version" "$work/src"
    (cd "$work/src" && OUT=$work/out CGO_ENABLED=${CGO:-0} GOFLAGS="-mod=mod -buildvcs=false -trimpath" nice "$@") > "$CACHE/go.log" 2>&1 ||
        { tail -20 "$CACHE/go.log" >&2; die "go build of $module $version: failed"; }
    mv -T "$work/out" "$out"
    rm -rf "$work"
}

provide_crictl() {
    local dir=$CACHE/crictl-$CRI_TOOLS
    if [ ! -d "$dir" ]; then
        go_usable $CRI_TOOLS_GO || { without_go $CRI_TOOLS_GO "crictl is left out"; return 0; }
        go_build sigs.k8s.io/cri-tools $CRI_TOOLS "$dir" sh -c \
            "go build -ldflags '-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=$CRI_TOOLS' -o \$OUT/crictl ./cmd/crictl"
    fi
    ln -sf "../crictl-$CRI_TOOLS/crictl" "$BIN/crictl"
}

provide_critest() {
    local dir=$CACHE/critest-$CRI_TOOLS
    if [ ! -d "$dir" ]; then
        go_usable $CRI_TOOLS_GO || { without_go $CRI_TOOLS_GO "critest is left out"; return 0; }
        go_build sigs.k8s.io/cri-tools $CRI_TOOLS "$dir" sh -c 'go test -c -o $OUT/critest ./cmd/critest'
    fi
    ln -sf "../critest-$CRI_TOOLS/critest" "$BIN/critest"
}

provide_rivals() {
    local containerd=$CACHE/containerd-$CONTAINERD runc=$CACHE/runc-$RUNC
    go_usable $CONTAINERD_GO || die "no Go $CONTAINERD_GO or later, nor one that may fetch it: containerd $CONTAINERD cannot be built"
    [ -d "$containerd" ] || go_build github.com/containerd/containerd/v2 $CONTAINERD "$containerd" sh -c "
        for p in containerd containerd-shim-runc-v2; do
            go build -tags no_btrfs,no_devmapper,no_zfs -ldflags '-s -w -X github.com/containerd/containerd/v2/version.Version=$CONTAINERD' \
                -o \$OUT/\$p ./cmd/\$p || exit 1
        done"
    # No containers are started with it but the benchmark's: without seccomp it needs no library.
    [ -d "$runc" ] || CGO=1 go_build github.com/opencontainers/runc $RUNC "$runc" sh -c \
        "go build -ldflags '-s -w -X main.version=${RUNC#v}' -o \$OUT/runc ."
    mkdir -p "$BIN/rivals"
    ln -sf "$containerd/containerd" "$containerd/containerd-shim-runc-v2" "$runc/runc" "$BIN/rivals/"
}

# Kubernetes is no module that another may require as it is: its libraries are folders of its own checkout there. They are
# published as modules too, v1.N.P as v0.N.P, and a main module may say so.
provide_kubelet() {
    local dir=$CACHE/kubelet-$KUBERNETES work
    flock -u 9 # others need not wait that long
    exec 8> "$CACHE/kubelet.lock"
    flock 8
    if [ ! -d "$dir" ]; then
        go_usable $KUBERNETES_GO || { without_go $KUBERNETES_GO "the kubelet is left out"; return 0; }
        say "building kubelet from k8s.io/kubernetes $KUBERNETES: a quarter of an hour on two cores"
        work=$(mktemp -d "$CACHE/build.XXXXXX")
        mkdir "$work/out"
        (cd "$work" && kubelet_module && kubelet_build) > "$CACHE/kubelet.log" 2>&1 ||
            { tail -20 "$CACHE/kubelet.log" >&2; die "go build of the kubelet $KUBERNETES: failed"; }
        mv -T "$work/out" "$dir"
        rm -rf "$work"
    fi
    ln -sf "../kubelet-$KUBERNETES/kubelet" "$BIN/kubelet"
    flock -u 8
    flock 9
}

kubelet_module() {
    local source
    source=$(go mod download -json "k8s.io/kubernetes@$KUBERNETES" | sed -n 's/^\s*"Dir": "\(.*\)",\?$/\1/p')
    [ -n "$source" ] || return 1
    {
        echo "module kubelet"
        grep -E '^(go|godebug) ' "$source/go.mod"
        echo "require k8s.io/kubernetes $KUBERNETES"
        sed -n "s|^\s*\(k8s.io/[a-z-]*\) => ./staging/.*|replace \1 => \1 v0.${KUBERNETES#v1.}|p" "$source/go.mod"
    } > go.mod
    cp "$source/go.sum" go.sum
    chmod u+w go.sum
}

kubelet_build() {
    CGO_ENABLED=0 GOFLAGS="-mod=mod -buildvcs=false -trimpath" nice go build -p "$(nproc)" \
        -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$KUBERNETES" -o out/kubelet k8s.io/kubernetes/cmd/kubelet
}

provide_cni() {
    local dir=$CACHE/cni-$CNI_PLUGINS
    if [ ! -d "$dir" ]; then
        if go_usable $CNI_PLUGINS_GO; then
            go_build github.com/containernetworking/plugins $CNI_PLUGINS "$dir" sh -c "
                for p in $CNI_NAMES; do
                    go build -ldflags '-s -w -X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=$CNI_PLUGINS' \
                        -o \$OUT/\$p \$(ls -d ./plugins/*/\$p) || exit 1
                done"
        else
            without_go $CNI_PLUGINS_GO "Debian's older CNI plugins"
            unpacked deb-cni containernetworking-plugins
            ln -sfn deb-cni/usr/lib/cni "$dir"
        fi
    fi
    ln -sfn "../cni-$CNI_PLUGINS" "$BIN/cni"
}

main "$@"
