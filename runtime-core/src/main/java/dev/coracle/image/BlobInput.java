package dev.coracle.image;

import java.io.IOException;
import java.io.InputStream;

/** A blob's bytes in their order, however they are brought. Nothing is checked. Confined to the thread that reads. */
abstract sealed class BlobInput extends InputStream permits BlobStream, BlobRanges {
    /** What came turned out to be wrong: whoever sent it is asked last from now on. */
    abstract void blame();

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        int length = read(one, 0, 1);
        return length < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public abstract int read(byte[] target, int start, int length) throws IOException;
}
