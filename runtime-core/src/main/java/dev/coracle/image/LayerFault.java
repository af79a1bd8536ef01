package dev.coracle.image;

import java.io.IOException;

/** A layer's content is not what a layer may be: malformed, or made to do harm. The message says what and where. */
final class LayerFault extends IOException {
    private static final long serialVersionUID = 1L;

    LayerFault(String message) {
        super(message);
    }

    LayerFault(String message, Throwable cause) {
        super(message, cause);
    }
}
