package dev.coracle.image;

/**
 * A stretch of a blob.
 *
 * @param from offset of its first byte
 * @param to offset behind its last byte; {@link #OPEN} for the blob's end, wherever that is
 */
record Span(long from, long to) {
    static final long OPEN = Long.MAX_VALUE;
    static final Span WHOLE = new Span(0, OPEN);

    boolean isWhole() {
        return equals(WHOLE);
    }

    boolean isOpen() {
        return to == OPEN;
    }

    /** The value of a Range header (RFC 9110, 14.2). */
    String header() {
        return "bytes=" + from + "-" + (isOpen() ? "" : to - 1);
    }
}
