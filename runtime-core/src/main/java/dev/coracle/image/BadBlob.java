package dev.coracle.image;

import java.io.IOException;

/** A registry gave other content than the digest or size that was asked for. Another one may have the right content. */
final class BadBlob extends IOException {
    private static final long serialVersionUID = 1L;

    BadBlob(String message) {
        super(message);
    }
}
