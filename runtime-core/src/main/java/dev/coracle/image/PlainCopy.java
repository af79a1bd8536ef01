package dev.coracle.image;

import java.nio.ByteBuffer;

/** A blob that is not compressed. */
final class PlainCopy implements Decompressor {
    @Override
    public void run(ByteBuffer input, ByteBuffer output) {
        int step = Math.min(input.remaining(), output.remaining());
        output.put(input.slice(input.position(), step));
        input.position(input.position() + step);
    }

    @Override
    public boolean atEnd() {
        return true;
    }

    @Override
    public void close() {}
}
