package dev.coracle.store;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/** One record in one file, whole or not at all: it is written beside and renamed. */
final class RecordFile {
    private RecordFile() {}

    /** For a tmpfs: a reader sees the old record or the new one; there is nothing to sync. */
    static <T> void write(Path file, T record, BiConsumer<JsonSink, T> writer) {
        put(file, JsonSink.bytes(record, writer), false);
    }

    /** For a disk: the record outlives a power cut; its name does once the directory is synced too. */
    static <T> void writeDurably(Path file, T record, BiConsumer<JsonSink, T> writer) {
        put(file, JsonSink.bytes(record, writer), true);
    }

    private static void put(Path file, byte[] content, boolean durably) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            if (durably) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Exhausted("write " + file, String.valueOf(e.getMessage()), e);
        }
    }

    /** Makes the names in a directory outlive a power cut. */
    static void syncDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw new Exhausted("sync " + directory, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * What the file holds; empty if there is none.
     *
     * @throws CorruptRecord if it is no such record, or cannot be read
     */
    static <T> Optional<T> read(Path file, Function<JsonSource, T> reader) {
        try {
            return Optional.of(reader.apply(JsonSource.of(Files.readAllBytes(file))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new CorruptRecord(file.toString(), e.getOriginalMessage(), e);
        } catch (IOException | MisshapenException | IllegalArgumentException e) {
            throw new CorruptRecord(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }
}
