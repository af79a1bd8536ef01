#!/bin/bash
# Builds everything and runs every test, on a Debian machine, as root: installs what the build needs and lacks, then `mvn verify`.
#
#   deploy/test.sh [MAVEN-ARGUMENT...]      e.g. -pl runtime-core -am, or -o to stay off the network
#
# A JDK 25 or later must be there; Maven finds it wherever JDKs are usually kept, and may itself run on an older Java.
set -euo pipefail

cd "$(dirname "$0")/.."

deploy/packages.sh test
exec mvn --batch-mode --no-transfer-progress verify "$@"
