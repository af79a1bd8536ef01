#!/bin/bash
# Builds everything and runs every test, on a Debian machine, as root: installs what the build needs and lacks, then `mvn verify`.
#
#   deploy/test.sh [MAVEN-ARGUMENT...]      e.g. -pl runtime-core -am, or -o to stay off the network
#
# A JDK 25 or later must be there; Maven finds it wherever JDKs are usually kept, and may itself run on an older Java.
set -euo pipefail

cd "$(dirname "$0")/.."

# What each is for: the shim's compilers; its formatter; the reference to check the seccomp compiler with; what tests drive.
PACKAGES="make gcc libc6-dev linux-libc-dev musl-tools clang-format libseccomp2 busybox-static iproute2 iptables"

main() {
    local missing=() package
    for package in $PACKAGES; do
        is_installed "$package" || missing+=("$package")
    done
    command -v mvn > /dev/null || missing+=(maven)
    command -v go > /dev/null || missing+=(golang-go)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
    exec mvn --batch-mode --no-transfer-progress verify "$@"
}

is_installed() {
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

install_packages() {
    echo "test.sh: installing $*"
    if [ "$(id -u)" -ne 0 ]; then
        echo "test.sh: that needs root" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=600 update --quiet=2 || echo "test.sh: apt-get update failed, going on with the lists there are" >&2
    apt-get -o DPkg::Lock::Timeout=600 install --yes --quiet=2 --no-install-recommends "$@"
}

main "$@"
