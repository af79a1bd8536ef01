package dev.coracle.stream;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and how streams are served.
 *
 * @param address an IP address or name of this node; clients are sent to it
 * @param port 0 for any
 * @param tls absent for plain HTTP
 * @param idleTimeout after which a connection on which nothing moves is closed
 * @param answerTimeout after which a client is given up whose machine does not answer TCP
 */
public record StreamSettings(
        String address, int port, Optional<Tls> tls, Duration idleTimeout, Duration answerTimeout) {
    /** A certificate, with those it needs, and its key: PEM, the key in PKCS #8. */
    public record Tls(Path certificate, Path key) {}
}
