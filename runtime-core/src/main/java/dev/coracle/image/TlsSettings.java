package dev.coracle.image;

import java.nio.file.Path;
import java.util.List;

/**
 * How a registry is believed to be the one it says it is.
 *
 * @param skipVerify any certificate will do
 * @param authorities files of PEM certificates that are trusted beside the machine's own
 */
record TlsSettings(boolean skipVerify, List<Path> authorities) {
    static final TlsSettings DEFAULT = new TlsSettings(false, List.of());

    TlsSettings {
        authorities = List.copyOf(authorities);
    }
}
