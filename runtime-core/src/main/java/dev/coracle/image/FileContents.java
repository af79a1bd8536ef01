package dev.coracle.image;

import dev.coracle.image.TarEntry.Extent;
import dev.coracle.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes what is in the files of a layer. A layer counts once all of it is on the disk; the kernel by itself begins to write after
 * seconds, and then all is waited for at the end. So the disk is set to work on each large file at once. Confined to the thread that
 * unpacks.
 */
final class FileContents {
    /** Of a large file so much is handed to the disk at a time. */
    private static final long STRETCH = 8 << 20;
    /** A smaller file is left to the end, where the kernel writes many in one go: one by one they take twice as long. */
    private static final long LARGE = 64 << 10;

    private FileContents() {}

    /** Writes the content of an entry to its file, which is new and open at its start. */
    static void write(TarEntry entry, Fd file, TarReader content) throws IOException {
        if (entry.extents().isEmpty()) {
            whole(file, content);
        } else {
            sparse(entry, file, content);
        }
    }

    private static void whole(Fd file, TarReader content) throws IOException {
        long begun = 0;
        long written = 0;
        for (ByteBuffer part = content.content(); part.hasRemaining(); part = content.content()) {
            written += part.remaining();
            file.write(part);
            if (written - begun >= STRETCH) {
                file.startWriting(begun, written);
                begun = written;
            }
        }
        if (written - begun >= LARGE) {
            file.startWriting(begun, written);
        }
    }

    private static void sparse(TarEntry entry, Fd file, TarReader content) throws IOException {
        ByteBuffer part = content.content();
        for (Extent extent : entry.extents()) {
            long at = extent.offset();
            long end = extent.offset() + extent.length();
            while (at < end) {
                int step = (int) Math.min(end - at, part.remaining());
                file.pwrite(part.slice(part.position(), step), at);
                part.position(part.position() + step);
                at += step;
                if (!part.hasRemaining()) {
                    part = content.content();
                }
            }
        }
        file.truncate(entry.fileSize());
        if (entry.size() >= LARGE) {
            file.startWriting(0, entry.fileSize());
        }
    }
}
