#!/bin/bash
# Builds everything and runs every test, on a Debian machine, as root: installs what is needed and lacks, then `mvn verify`. That drives
# the packaged daemon, here and in a virtual machine; -Dcoracle.e2e=false leaves that out.
#
#   deploy/test.sh [MAVEN-ARGUMENT...]      e.g. -pl runtime-core -am, or -o to stay off the network
#
# A JDK 25 or later must be there; Maven finds it wherever JDKs are usually kept, and may itself run on an older Java.
set -euo pipefail

cd "$(dirname "$0")/.."

deploy/packages.sh test
e2e/tools/provision.sh packages busybox registry cni crictl vm
exec mvn --batch-mode --no-transfer-progress verify "$@"
