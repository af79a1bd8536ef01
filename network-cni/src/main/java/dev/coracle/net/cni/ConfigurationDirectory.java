package dev.coracle.net.cni;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory that network providers drop their configuration into. Read anew at each question: a provider's pod writes
 * it after the daemon has started, replaces it, or removes the whole directory and makes it again, and nothing of that
 * needs a watch or a restart.
 */
final class ConfigurationDirectory {
    private static final List<String> ENDINGS = List.of(".conflist", ".conf", ".json");

    private final Path directory;

    ConfigurationDirectory(Path directory) {
        this.directory = directory;
    }

    /** What is there now: the first file by name that can be read counts, as with the other runtimes. */
    Reading read() {
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(ConfigurationDirectory::mayConfigure)
                    .sorted()
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return new Reading.Missing("no network configuration directory " + directory);
        } catch (IOException e) {
            return new Reading.Missing("read network configuration directory " + directory + ": " + e.getMessage());
        }
        String broken = "";
        for (Path file : files) {
            try {
                return new Reading.Found(NetworkConfiguration.parse(Files.readString(file), file.toString()), file);
            } catch (IOException | InvalidSpec e) {
                broken = broken.isEmpty() ? ": " + e.getMessage() : broken;
            }
        }
        return new Reading.Missing("no usable network configuration in " + directory + broken);
    }

    private static boolean mayConfigure(Path file) {
        String name = file.getFileName().toString();
        return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
    }

    /** What a look into the directory brought. */
    sealed interface Reading {
        /** A network, and the file that says so. */
        record Found(NetworkConfiguration network, Path file) implements Reading {}

        /** None, and why: the words of the NetworkReady condition. */
        record Missing(String reason) implements Reading {}
    }
}
