package dev.coracle.image;

import dev.coracle.linux.IsalInflater;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes deflate (RFC 1951), one stream after the other. Confined to the thread that fetches. */
sealed interface Inflation extends AutoCloseable {
    /** So many bytes that were taken last lie before the input's position. */
    int BACKLOG_BYTES = IsalInflater.READ_AHEAD;

    /** The faster one of those that are there. */
    static Inflation fastest() {
        return IsalInflater.open().<Inflation>map(Isal::new).orElseGet(Jdk::new);
    }

    /**
     * Goes on until the output is full, the input is used up, or the stream ends; says whether it has ended.
     *
     * @param input direct, {@link #BACKLOG_BYTES} before its position are the stream's as well
     * @param output direct
     * @throws DataFormatException if it is no such stream
     */
    boolean run(ByteBuffer input, ByteBuffer output) throws DataFormatException;

    /** Begins another stream. */
    void reset();

    @Override
    void close();

    /** By Intel's library. */
    record Isal(IsalInflater inflater) implements Inflation {
        @Override
        public boolean run(ByteBuffer input, ByteBuffer output) throws DataFormatException {
            return inflater.run(input, output);
        }

        @Override
        public void reset() {
            inflater.reset();
        }

        @Override
        public void close() {
            inflater.reset();
        }
    }

    /** By the JDK's zlib. */
    record Jdk(Inflater inflater) implements Inflation {
        Jdk() {
            this(new Inflater(true));
        }

        @Override
        public boolean run(ByteBuffer input, ByteBuffer output) throws DataFormatException {
            inflater.setInput(input);
            inflater.inflate(output);
            if (inflater.needsDictionary()) {
                throw new DataFormatException("it asks for a dictionary");
            }
            return inflater.finished();
        }

        @Override
        public void reset() {
            inflater.reset();
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
