package dev.coracle.linux;

/**
 * A file's time as the kernel keeps it.
 *
 * @param seconds since 1970-01-01 UTC, may be negative
 * @param nanos 0 to 999,999,999, counted forward from {@code seconds}
 */
public record Timestamp(long seconds, int nanos) {
    public Timestamp {
        if (nanos < 0 || nanos > 999_999_999) {
            throw new IllegalArgumentException("nanoseconds out of range: " + nanos);
        }
    }
}
