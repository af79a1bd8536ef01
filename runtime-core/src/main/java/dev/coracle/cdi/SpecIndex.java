package dev.coracle.cdi;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What was in the directories when they were read. Immutable once it is read. */
final class SpecIndex {
    static final SpecIndex EMPTY = new SpecIndex();

    private final Map<String, SpecFile> files = new HashMap<>();
    private final Map<String, String> conflicts = new HashMap<>();
    private final List<String> errors = new ArrayList<>();

    private SpecIndex() {}

    /** {@code directories} in order of rising priority. A file that cannot be read is an error, and no other's affair. */
    static SpecIndex read(List<Path> directories) {
        SpecIndex index = new SpecIndex();
        for (int priority = 0; priority < directories.size(); priority++) {
            for (Path file : index.found(directories.get(priority))) {
                index.take(file, priority);
            }
        }
        return index;
    }

    private Iterable<Path> found(Path directory) {
        TreeSet<Path> found = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{json,yaml}")) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)) {
                    found.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // one that is not there, or went while it was looked at, has no devices
        } catch (IOException e) {
            errors.add(directory + ": " + e.getMessage());
        }
        return found;
    }

    private void take(Path path, int priority) {
        try {
            take(SpecReader.read(path, priority, Files.readString(path)));
        } catch (MalformedSpec | IOException e) {
            errors.add(path + ": " + e.getMessage());
        }
    }

    /** The higher directory wins; within one, two files with the same device are a mistake that leaves it without any. */
    private void take(SpecFile file) {
        file.devices().keySet().forEach(device -> {
            String name = file.kind() + "=" + device;
            SpecFile other = files.get(name);
            if (other == null || other.priority() < file.priority()) {
                files.put(name, file);
                conflicts.remove(name);
            } else if (other.priority() == file.priority()) {
                conflicts.put(name, other.path() + " and " + file.path() + " both have it");
            }
        });
    }

    /** The file that has a device, by its full name. */
    Optional<SpecFile> file(String name) {
        return conflicts.containsKey(name) ? Optional.empty() : Optional.ofNullable(files.get(name));
    }

    /** Why a device that files have is nobody's. */
    Optional<String> conflict(String name) {
        return Optional.ofNullable(conflicts.get(name));
    }

    /** Of files that could not be read. */
    List<String> errors() {
        return errors;
    }
}
