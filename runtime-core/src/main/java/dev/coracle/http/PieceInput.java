package dev.coracle.http;

import java.io.IOException;
import java.io.InputStream;

/** A stream that is read in pieces: a single byte is a piece of one. */
public abstract class PieceInput extends InputStream {
    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        int length = read(one, 0, 1);
        return length < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public abstract int read(byte[] target, int start, int length) throws IOException;
}
