package dev.coracle.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The pod's cgroup, which a kubelet makes before it runs the pod and removes when the pod is gone. */
public final class PodCgroup {
    private PodCgroup() {}

    /** The mounts of all cgroup hierarchies of this machine that hold controllers, v2 last. */
    public static List<Path> hierarchies() {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.map(line -> line.split(" ", -1))
                    .filter(f -> f[2].equals("cgroup") || f[2].equals("cgroup2"))
                    .map(f -> Path.of(f[1]))
                    .distinct()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the group in each hierarchy, with every controller of the parent switched on. */
    public static void make(String path) {
        if (path.isEmpty() || path.endsWith(".slice")) {
            return;
        }
        for (Path root : hierarchies()) {
            if (usable(root)) {
                makeIn(root, path);
            }
        }
    }

    /** In hybrid set-ups the v2 hierarchy has no controllers, and kubelets leave it alone. */
    private static boolean usable(Path root) {
        return !isV2(root) || !read(root.resolve("cgroup.controllers")).isBlank();
    }

    private static boolean isV2(Path root) {
        return Files.exists(root.resolve("cgroup.controllers"));
    }

    private static void makeIn(Path root, String path) {
        Path at = root;
        for (Path part : Path.of(path.substring(1))) {
            if (isV2(at)) {
                enableAll(at);
            }
            at = at.resolve(part);
            if (!Files.isDirectory(at)) {
                mkdir(at);
            }
            copyFromParent(at, "cpuset.cpus");
            copyFromParent(at, "cpuset.mems");
        }
    }

    private static void enableAll(Path group) {
        for (String controller : read(group.resolve("cgroup.controllers")).split("\\s+", -1)) {
            if (!controller.isEmpty()) {
                write(group.resolve("cgroup.subtree_control"), "+" + controller);
            }
        }
    }

    /** A new cpuset of v1 is empty, and takes no process then. */
    private static void copyFromParent(Path group, String file) {
        Path own = group.resolve(file);
        if (!isV2(group) && Files.exists(own) && read(own).isBlank()) {
            write(own, read(group.resolveSibling(file)).strip());
        }
    }

    /** Removes the group in each hierarchy, if it is there; what is left below it stays, to be found. */
    public static void remove(String path) {
        if (path.isEmpty()) {
            return;
        }
        for (Path root : hierarchies()) {
            rmdir(root.resolve(path.substring(1)));
        }
    }

    /** Removes the group and all below it. */
    public static void removeTree(String path) {
        for (Path root : hierarchies()) {
            List<Path> found = new ArrayList<>(groupsBelow(root.resolve(path.substring(1))));
            found.reversed().forEach(PodCgroup::rmdir);
        }
    }

    /** The group itself and all below it, parents first. */
    public static List<Path> groupsBelow(Path group) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(group, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                    found.add(dir);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @org.jspecify.annotations.Nullable IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static void rmdir(Path dir) {
        try {
            Files.deleteIfExists(dir);
        } catch (IOException e) {
            // busy: a group or a process is below it
        }
    }

    private static void mkdir(Path dir) {
        try {
            Files.createDirectory(dir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
