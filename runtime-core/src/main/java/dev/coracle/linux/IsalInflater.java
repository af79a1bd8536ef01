package dev.coracle.linux;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import jnr.ffi.LibraryLoader;

/**
 * Undoes deflate (RFC 1951) with Intel's ISA-L, which takes half the time of zlib. The library is an optional one: it is loaded at the
 * first use, and taken only if it gives back what was compressed here. Confined to one thread; 86 KiB outside the heap.
 */
public final class IsalInflater {
    /**
     * So many bytes before the input's position must be those that were taken last: the library reads ahead, and what it did not need
     * is given back.
     */
    public static final int READ_AHEAD = 8;

    // struct inflate_state of 2.30, which also fits 2.31.
    private static final int NEXT_OUT = 0;
    private static final int AVAIL_OUT = 8;
    private static final int NEXT_IN = 16;
    private static final int AVAIL_IN = 32;
    private static final int READ_IN_BITS = 36;
    private static final int BLOCK_STATE = 21160;
    /** 87,368 bytes are used; later versions may use some more. */
    private static final int STATE_BYTES = 128 << 10;

    private static final int FINISH = 5;

    /** Loads the library once. */
    private static final class Library {
        static final Optional<LibIsal> ISAL = load();

        private static Optional<LibIsal> load() {
            try {
                LibIsal library = LibraryLoader.create(LibIsal.class).load("libisal.so.2");
                return Optional.of(library).filter(IsalInflater::works);
            } catch (LinkageError e) {
                return Optional.empty();
            }
        }
    }

    private final LibIsal library;
    private final ByteBuffer state = Native.block(STATE_BYTES);
    private final long address = Native.address(state);

    private IsalInflater(LibIsal library) {
        this.library = library;
        reset();
    }

    /** Empty where {@code libisal.so.2} is not there, or is not as it is known here. */
    public static Optional<IsalInflater> open() {
        return Library.ISAL.map(IsalInflater::new);
    }

    /** Begins another stream. */
    public void reset() {
        library.isal_inflate_init(address);
    }

    /**
     * Goes on until the output is full, the input is used up, or the stream ends; positions move along.
     *
     * @param input direct, with {@link #READ_AHEAD} bytes before its position unless it is the stream's first
     * @param output direct
     * @return whether the stream has ended; the input's position is then behind its last byte
     */
    public boolean run(ByteBuffer input, ByteBuffer output) throws DataFormatException {
        state.putLong(NEXT_IN, Native.address(input) + input.position());
        state.putInt(AVAIL_IN, input.remaining());
        state.putLong(NEXT_OUT, Native.address(output) + output.position());
        state.putInt(AVAIL_OUT, output.remaining());
        int result = library.isal_inflate(address);
        input.position(input.limit() - state.getInt(AVAIL_IN));
        output.position(output.limit() - state.getInt(AVAIL_OUT));
        if (result < 0) {
            throw new DataFormatException("ISA-L says " + result);
        }
        if (state.getInt(BLOCK_STATE) != FINISH) {
            return false;
        }
        input.position(input.position() - state.getInt(READ_IN_BITS) / Byte.SIZE);
        return true;
    }

    /** Whether the structure of this library is the one that is known here: bytes come back, and the end is found. */
    private static boolean works(LibIsal library) {
        byte[] plain = new byte[5000];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) ((i * i) >> 5);
        }
        byte[] compressed = new byte[plain.length + 100];
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            deflater.setInput(plain);
            deflater.finish();
            int length = deflater.deflate(compressed);
            ByteBuffer input =
                    Native.block(length + 20).put(compressed, 0, length).rewind();
            ByteBuffer output = Native.block(2 * plain.length);
            boolean ended = new IsalInflater(library).run(input, output);
            byte[] back = new byte[output.flip().remaining()];
            output.get(back);
            return ended && input.position() == length && Arrays.equals(back, plain);
        } catch (DataFormatException | RuntimeException e) {
            return false;
        }
    }
}
