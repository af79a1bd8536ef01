package dev.coracle.stream;

import java.util.List;
import java.util.Optional;

/**
 * A version of the remote command protocol, by the name that clients ask for it with.
 *
 * @param resizes whether there is a stream of terminal sizes
 * @param statuses whether the error stream carries a {@code Status} as JSON; else it carries the text of an error, or nothing
 * @param ends whether a WebSocket client says when it has sent all of a stream
 * @param base64 whether messages over WebSocket are text, with their bytes in Base64: for clients that can do no better
 */
record Dialect(String name, boolean resizes, boolean statuses, boolean ends, boolean base64) {
    /** Without a name: what clients spoke before they named it. */
    private static final Dialect NAMELESS = binary("", false, false, false);

    static final Dialect V5 = binary("v5.channel.k8s.io", true, true, true);
    static final Dialect V4 = binary("v4.channel.k8s.io", true, true, false);
    private static final Dialect V4_TEXT = new Dialect("v4.base64.channel.k8s.io", true, true, false, true);
    private static final Dialect V3 = binary("v3.channel.k8s.io", true, false, false);
    private static final Dialect V2 = binary("v2.channel.k8s.io", false, false, false);
    private static final Dialect V1 = binary("channel.k8s.io", false, false, false);
    private static final Dialect V1_TEXT = new Dialect("base64.channel.k8s.io", false, false, false, true);

    private static final Dialect PORT_FORWARD = binary("portforward.k8s.io", false, false, false);

    private static final List<Dialect> SPDY = List.of(V4, V3, V2, V1);
    private static final List<Dialect> WEB_SOCKET = List.of(V5, V4, V4_TEXT, V1, V1_TEXT);

    private static Dialect binary(String name, boolean resizes, boolean statuses, boolean ends) {
        return new Dialect(name, resizes, statuses, ends, false);
    }

    /** The first of those asked for that is spoken over SPDY. */
    static Optional<Dialect> spdy(List<String> names) {
        return choose(names, SPDY);
    }

    static Optional<Dialect> webSocket(List<String> names) {
        return choose(names, WEB_SOCKET);
    }

    static Optional<Dialect> portForward(List<String> names) {
        return choose(names, List.of(PORT_FORWARD));
    }

    private static Optional<Dialect> choose(List<String> names, List<Dialect> known) {
        if (names.isEmpty()) {
            return Optional.of(NAMELESS);
        }
        return names.stream()
                .flatMap(name -> known.stream().filter(dialect -> dialect.name().equals(name)))
                .findFirst();
    }
}
