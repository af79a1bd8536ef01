#!/bin/bash
# Formats sources as the build demands it: Java with palantir-java-format, C with clang-format.
#
#   deploy/format.sh [FILE...]      no FILE: all that differ from the last commit or are new
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
arguments=$top/target/format.arguments

if [ $# -eq 0 ]; then
    cd "$top"
    mapfile -t files < <(git diff --name-only --diff-filter=d HEAD; git ls-files --others --exclude-standard)
    set -- "${files[@]}"
fi

java=() c=()
for file; do
    case $file in
        *.java) java+=("$file") ;;
        *.c | *.h) c+=("$file") ;;
    esac
done

jdk() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        if grep -qsE '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release"; then echo "$home"; return; fi
    done
    echo "format.sh: no JDK 25 in JAVA_HOME or /usr/lib/jvm" >&2
    return 1
}

if [ ${#java[@]} -gt 0 ]; then
    # The build writes how it calls the formatter; take that over but for the files and for what to do with them.
    [ -e "$arguments" ] || mvn --batch-mode --quiet --non-recursive --file "$top" generate-sources
    "$(jdk)/bin/java" @<(grep -E '^(-cp|-X|--add-exports)' "$arguments") com.palantir.javaformat.java.Main --palantir --replace "${java[@]}"
fi
if [ ${#c[@]} -gt 0 ]; then clang-format -i "${c[@]}"; fi
