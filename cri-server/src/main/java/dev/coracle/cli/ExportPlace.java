package dev.coracle.cli;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.ImageExport;
import dev.coracle.image.ImageShelf;
import dev.coracle.linux.UnnamedFile;
import dev.coracle.store.TreeRemoval;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Where an export goes. A file or folder gets its name when it is whole; until then what had that name is still there. Only its owner
 * may read it: images have secrets. Standard output, and what is no regular file, are written as they are.
 */
final class ExportPlace {
    private static final String STANDARD = "-";

    private final String name;
    private final Path path;

    private ExportPlace(String name) {
        this.name = name;
        this.path = Path.of(name).toAbsolutePath();
    }

    /** {@code -} is standard output; what ends in a slash, or is a folder, is a folder. */
    static ExportPlace of(String name) {
        ExportPlace place = new ExportPlace(name);
        if (place.isStandardOutput() && ProgressLine.isTerminal(1)) {
            throw new UsageError("a terminal shows no archive; name a file, or redirect standard output");
        }
        return place;
    }

    boolean isStandardOutput() {
        return name.equals(STANDARD);
    }

    /** What is done with a target. */
    interface Work<T> {
        T with(Function<ImageShelf, ImageExport> target);
    }

    /**
     * Has the work write here.
     *
     * @throws InvalidSpec if it is a folder with something in it
     * @throws Unavailable if it cannot be written
     */
    <T> T fill(Work<T> work) {
        try {
            if (isStandardOutput()) {
                return stream(new FileOutputStream(FileDescriptor.out), work);
            }
            if (name.endsWith("/") || Files.isDirectory(path)) {
                return folder(work);
            }
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                return stream(Files.newOutputStream(path), work);
            }
            return archive(work);
        } catch (IOException e) {
            throw new Unavailable("write " + name, e.toString(), e);
        }
    }

    private static <T> T stream(OutputStream out, Work<T> work) throws IOException {
        try (out) {
            return work.with(shelf -> ImageExport.toArchive(shelf, out));
        }
    }

    private <T> T archive(Work<T> work) throws IOException {
        Optional<UnnamedFile> unnamed = UnnamedFile.in(path.resolveSibling("."));
        if (unnamed.isEmpty()) {
            Path growing = Files.createTempFile(path.resolveSibling("."), path.getFileName() + ".", ".part");
            return growing(growing, () -> written(growing, work));
        }
        try (UnnamedFile file = unnamed.get()) {
            T done = written(file.path(), work);
            file.name(path);
            return done;
        }
    }

    private static <T> T written(Path growing, Work<T> work) throws IOException {
        try (FileChannel file = FileChannel.open(growing, StandardOpenOption.WRITE)) {
            OutputStream out = Channels.newOutputStream(file);
            T done = work.with(shelf -> ImageExport.toArchive(shelf, out));
            file.force(true);
            return done;
        }
    }

    private <T> T folder(Work<T> work) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                if (files.findAny().isPresent()) {
                    throw new InvalidSpec("folder", name + " has something in it; an export needs one for itself");
                }
            }
        }
        Path growing = Files.createTempDirectory(path.resolveSibling("."), path.getFileName() + ".");
        return growing(growing, () -> work.with(shelf -> ImageExport.toFolder(shelf, growing)));
    }

    /** Fills what then gets the name. */
    private interface Filling<T> {
        T fill() throws IOException;
    }

    /** What is not whole goes, also when the command is told to end; who kills it has to look after that. */
    private <T> T growing(Path growing, Filling<T> filling) throws IOException {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> delete(growing)));
        try {
            T done = filling.fill();
            Files.move(growing, path, StandardCopyOption.ATOMIC_MOVE);
            return done;
        } finally {
            delete(growing);
        }
    }

    /** By another name, so that nothing comes to it any more from whoever is still at work. */
    private static void delete(Path growing) {
        try {
            Path left = growing.resolveSibling(growing.getFileName() + ".left");
            TreeRemoval.delete(Files.move(growing, left, StandardCopyOption.ATOMIC_MOVE));
        } catch (NoSuchFileException e) {
            // It has its name, or is being deleted already.
        } catch (IOException e) {
            throw new Unavailable("delete " + growing, e.toString(), e);
        }
    }
}
