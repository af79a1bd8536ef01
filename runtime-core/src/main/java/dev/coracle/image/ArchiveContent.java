package dev.coracle.image;

import dev.coracle.http.PieceInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes that can be read from anywhere on. Safe for any thread. */
public interface ArchiveContent {
    long size();

    /** A stream of what comes after the first {@code offset} bytes; the caller closes it. */
    InputStream from(long offset) throws IOException;

    /** All of it. */
    default byte[] bytes(long limit) throws IOException {
        if (size() > limit) {
            throw new LayerFault("a document of " + size() + " bytes, more than " + limit);
        }
        try (InputStream in = from(0)) {
            return in.readAllBytes();
        }
    }

    /** What is in memory. */
    static ArchiveContent of(byte[] bytes) {
        return new ArchiveContent() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream from(long offset) {
                return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
            }
        };
    }

    /** A piece of a file, which is opened anew for each stream. */
    static ArchiveContent of(Path file, long start, long size) {
        return new ArchiveContent() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream from(long offset) throws IOException {
                return new Piece(FileChannel.open(file, StandardOpenOption.READ), start + offset, size - offset);
            }
        };
    }

    /** The rest of a piece of a file. Confined to one thread. */
    final class Piece extends PieceInput {
        private final FileChannel channel;
        private long left;

        private Piece(FileChannel channel, long start, long left) throws IOException {
            this.channel = channel.position(start);
            this.left = left;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int done = channel.read(ByteBuffer.wrap(target, offset, (int) Math.min(length, left)));
            if (done < 0) {
                throw new LayerFault("the archive ends in the middle of a file");
            }
            left -= done;
            return done;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
