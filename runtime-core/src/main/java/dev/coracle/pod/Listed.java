package dev.coracle.pod;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A record as clients see it, and beside it the message that shows it to them: encoded once, kept until the record is replaced.
 * Free of locks; two threads may encode at the same time, and get equal bytes.
 */
public final class Listed<R> {
    private final R record;
    private volatile byte @Nullable [] encoded;

    Listed(R record) {
        this.record = record;
    }

    public R record() {
        return record;
    }

    /** What {@code encoder} makes of the record; the same encoder every time. Not to be changed by its reader. */
    public byte[] encoded(Function<? super R, byte[]> encoder) {
        byte[] known = encoded;
        if (known == null) {
            known = encoder.apply(record);
            encoded = known;
        }
        return known;
    }
}
