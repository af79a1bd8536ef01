package dev.coracle.cdi;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was in the directories when they were looked at. Immutable. */
final class SpecIndex {
    static final SpecIndex EMPTY = new SpecIndex(Map.of());

    /** How a file looks from outside; another one under the same name looks otherwise. */
    private record Look(
            int priority,
            FileTime modified,
            long size,
            @Nullable Object key) {}

    private final Map<Path, Look> looks;
    private final Map<String, SpecFile> files = new HashMap<>();
    private final Map<String, String> conflicts = new HashMap<>();
    private final List<String> errors = new ArrayList<>();

    private SpecIndex(Map<Path, Look> looks) {
        this.looks = Map.copyOf(looks);
        new TreeMap<>(looks).forEach((path, look) -> {
            try {
                take(SpecReader.read(path, look.priority(), Files.readString(path)));
            } catch (MalformedSpec | IOException e) {
                errors.add(path + ": " + e.getMessage());
            }
        });
    }

    /** Itself when nothing has changed. */
    SpecIndex current(List<Path> directories) {
        Map<Path, Look> now = new HashMap<>();
        for (int priority = 0; priority < directories.size(); priority++) {
            look(directories.get(priority), priority, now);
        }
        return now.equals(looks) ? this : new SpecIndex(now);
    }

    private static void look(Path directory, int priority, Map<Path, Look> looks) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{json,yaml}")) {
            for (Path entry : entries) {
                BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
                if (attributes.isRegularFile()) {
                    looks.put(
                            entry,
                            new Look(priority, attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // one that is not there, or went while it was looked at, has no devices
        } catch (IOException e) {
            looks.put(directory, new Look(priority, FileTime.fromMillis(0), 0, e.getMessage()));
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
