package dev.coracle.image;

import dev.coracle.linux.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * When the directories of a layer were modified: noted as they come, set when nothing is put into them any more. A layer may have millions
 * of directories and the daemon's heap is small, so all but the last of them wait in a file that goes when this is closed. Confined to
 * one thread.
 */
final class DirectoryTimes implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int FIXED_BYTES = 2 + 8 + 4;

    private final Path spool;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private @Nullable FileChannel file;

    /** {@code spool} is a file that does not exist; it is made when it is needed. */
    DirectoryTimes(Path spool) {
        this.spool = spool;
    }

    /** What is done for each of them. */
    interface Step {
        void set(LayerPath directory, Timestamp modified) throws IOException;
    }

    void note(LayerPath directory, Timestamp modified) throws IOException {
        byte[] name = directory.text().getBytes(StandardCharsets.ISO_8859_1);
        if (buffer.remaining() < FIXED_BYTES + name.length) {
            flush();
        }
        buffer.putShort((short) name.length);
        buffer.putLong(modified.seconds());
        buffer.putInt(modified.nanos());
        buffer.put(name);
    }

    /** In the order in which they were noted: where one comes twice, the later time is set last. */
    void forEach(Step step) throws IOException {
        if (file != null) {
            flush();
            replay(file, step);
        } else {
            take(buffer.flip(), step);
        }
    }

    private void replay(FileChannel from, Step step) throws IOException {
        from.position(0);
        buffer.clear();
        while (from.read(buffer) >= 0) {
            take(buffer.flip(), step);
            buffer.compact();
        }
    }

    /** Those that are whole in the buffer. */
    private static void take(ByteBuffer notes, Step step) throws IOException {
        while (notes.remaining() >= FIXED_BYTES
                && notes.remaining() >= FIXED_BYTES + notes.getShort(notes.position())) {
            byte[] name = new byte[notes.getShort()];
            Timestamp modified = new Timestamp(notes.getLong(), notes.getInt());
            notes.get(name);
            step.set(new LayerPath(new String(name, StandardCharsets.ISO_8859_1)), modified);
        }
    }

    private void flush() throws IOException {
        FileChannel to = file;
        if (to == null) {
            to = FileChannel.open(
                    spool,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
            file = to;
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
        buffer.clear();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
