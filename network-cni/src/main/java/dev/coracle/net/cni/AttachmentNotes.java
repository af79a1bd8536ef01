package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which pods have been given to which network, on a disk that outlives a reboot: the addresses that a plugin hands out are
 * on such a disk too, and somebody must remember to give them back. A note is written before ADD and goes after DEL.
 */
final class AttachmentNotes {
    private static final String ENDING = ".json";

    private final Path directory;

    AttachmentNotes(Path directory) {
        this.directory = directory;
    }

    /** Durable when this returns. */
    void write(PodId pod, Attached attached) {
        Path file = file(pod);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(directory);
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                channel.write(StandardCharsets.UTF_8.encode(attached.text()));
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        } catch (IOException e) {
            throw new Exhausted("note network attachment of pod " + pod.value(), String.valueOf(e.getMessage()), e);
        }
    }

    /** What was noted of the pod; empty if nothing was, or if it cannot be read any more. */
    Optional<Attached> read(PodId pod) {
        try {
            return Optional.of(
                    Attached.parse(Files.readString(file(pod)), file(pod).toString()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // the network of today is then asked to release it
        }
    }

    /** Forgets the pod. Doing it twice is no error. */
    void remove(PodId pod) {
        try {
            Files.deleteIfExists(file(pod));
        } catch (IOException e) {
            throw new Exhausted("forget network attachment of pod " + pod.value(), String.valueOf(e.getMessage()), e);
        }
    }

    /** All pods noted. */
    List<PodId> pods() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> new PodId(name.substring(0, name.length() - ENDING.length())))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new Exhausted("read " + directory, String.valueOf(e.getMessage()), e);
        }
    }

    private Path file(PodId pod) {
        return directory.resolve(pod.value() + ENDING);
    }
}
