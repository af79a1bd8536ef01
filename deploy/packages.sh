#!/bin/bash
# Installs the Debian packages that are missing.
#
#   deploy/packages.sh build     what `mvn package` needs beside a JDK 25
#   deploy/packages.sh test      that, and what the checks and tests need
set -euo pipefail

# The shim's compilers; what the daemon loads.
BUILD="make gcc libc6-dev linux-libc-dev musl-tools libseccomp2 libisal2"
# The shim's formatter; what tests drive.
TEST="clang-format busybox-static iproute2 iptables procps"

main() {
    local wanted=$BUILD missing=() package
    [ "${1:-test}" = build ] || wanted="$BUILD $TEST"
    for package in $wanted; do
        is_installed "$package" || missing+=("$package")
    done
    command -v mvn > /dev/null || missing+=(maven)
    [ "${1:-test}" = build ] || command -v go > /dev/null || missing+=(golang-go)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

is_installed() {
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

install_packages() {
    echo "packages.sh: installing $*"
    if [ "$(id -u)" -ne 0 ]; then
        echo "packages.sh: that needs root" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    local said
    said=$(apt-get -o DPkg::Lock::Timeout=600 update --quiet=2 2>&1) ||
        echo "packages.sh: apt-get update failed, going on with the lists there are: $said" >&2
    said=$(apt-get -o DPkg::Lock::Timeout=600 install --yes --quiet=2 --no-install-recommends "$@" 2>&1) || {
        tail -20 <<< "$said" >&2
        echo "packages.sh: apt-get install $*: failed" >&2
        exit 1
    }
}

main "$@"
