# Sourced: finds a Java 25 or later and leaves its home in $java_home. Looked at, in this order: CORACLE_JAVA, JAVA_HOME,
# /usr/lib/jvm, PATH. One that is older is passed over; the release file tells, so that nothing is started to find out.

java_version() { # HOME: prints its feature release, or nothing
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
    while IFS='="' read -r name _ value _; do
        if [ "$name" = JAVA_VERSION ]; then
            echo "${value%%[!0-9]*}"
            return 0
        fi
    done < "$1/release"
}

find_java() {
    if [ -n "${CORACLE_JAVA:-}" ]; then
        java_home=$CORACLE_JAVA
        version=$(java_version "$java_home")
        [ "${version:-0}" -ge 25 ] && return 0
        echo "coracle: CORACLE_JAVA=$CORACLE_JAVA is not the home of a Java 25 or later" >&2
        exit 1
    fi
    on_path=$(command -v java || true)
    [ -z "$on_path" ] || on_path=$(dirname -- "$(dirname -- "$(readlink -f -- "$on_path")")")
    for java_home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*25* /usr/lib/jvm/* ${on_path:+"$on_path"}; do
        version=$(java_version "$java_home")
        [ "${version:-0}" -ge 25 ] && return 0
    done
    echo "coracle: no Java 25 or later in JAVA_HOME, /usr/lib/jvm or PATH: install one, or set CORACLE_JAVA to its home" >&2
    exit 1
}
