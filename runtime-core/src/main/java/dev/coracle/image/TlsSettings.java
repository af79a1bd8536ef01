package dev.coracle.image;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a registry is believed to be the one it says it is, and how it is shown who asks.
 *
 * @param skipVerify any certificate will do
 * @param authorities files of PEM certificates that are trusted beside the machine's own
 * @param clients what to show a registry that asks for a certificate
 */
record TlsSettings(boolean skipVerify, List<Path> authorities, List<ClientPair> clients) {
    static final TlsSettings DEFAULT = new TlsSettings(false, List.of(), List.of());

    /** A PEM file of a certificate with those that vouch for it, and one of its private key; may be the same. */
    record ClientPair(Path certificate, Path key) {}

    TlsSettings {
        authorities = List.copyOf(authorities);
        clients = List.copyOf(clients);
    }

    /** All files that this is read from. */
    Stream<Path> files() {
        return Stream.concat(
                authorities.stream(), clients.stream().flatMap(pair -> Stream.of(pair.certificate(), pair.key())));
    }
}
