package dev.coracle.shim;

import java.io.IOException;

/** The other side does not keep to docs/shim-protocol.md. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    ProtocolException(String message) {
        super(message);
    }
}
