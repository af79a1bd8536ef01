package dev.coracle.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/** Small files that are whole or absent, also after a power cut. Each call waits for the disk, about a millisecond. */
final class DurableFile {
    /** What the names of files that are not whole yet start with. */
    static final String TEMPORARY = ".new-" + ProcessHandle.current().pid() + "-";

    private static final AtomicLong NEXT = new AtomicLong();

    private DurableFile() {}

    /** Writes a file beside the one to be, syncs it, and renames it: readers see the old content or the new. */
    static void write(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling(TEMPORARY + NEXT.incrementAndGet() + "-" + file.getFileName());
        try {
            fill(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        syncDirectory(file.resolveSibling("."));
    }

    private static void fill(Path temporary, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    /** Deletes a file for good; one that is not there is no failure. */
    static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            syncDirectory(file.resolveSibling("."));
        }
    }

    /** Makes durable what was renamed into or taken out of a directory. */
    static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
