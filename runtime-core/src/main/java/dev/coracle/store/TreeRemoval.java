package dev.coracle.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Deletes trees that strangers have filled: no symbolic link is followed, each directory is reached from the one above it, and a tree
 * may be deeper than a path can be long. Confined to one thread; blocks for as long as the disk takes.
 */
public final class TreeRemoval {
    /** Two descriptors are open for each level; what lies deeper is moved up first. */
    private static final int LEVELS = 32;

    private final SecureDirectoryStream<Path> top;
    private final Deque<Path> waiting = new ArrayDeque<>();
    private int moved;

    private TreeRemoval(SecureDirectoryStream<Path> top) {
        this.top = top;
    }

    /** Deletes {@code tree} and all below it; nothing there is no failure. Its parent must be a directory of ours. */
    public static void delete(Path tree) throws IOException {
        if (!Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(tree);
            return;
        }
        Path parent = tree.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("not the root: " + tree);
        }
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(parent)) {
            if (!(opened instanceof SecureDirectoryStream<Path> top)) {
                throw new IOException("no directories by descriptor here");
            }
            new TreeRemoval(top).run(tree.getFileName());
        }
    }

    private void run(Path name) throws IOException {
        waiting.add(name);
        while (!waiting.isEmpty()) {
            Path next = waiting.remove();
            empty(top, next, name, LEVELS);
            top.deleteDirectory(next);
        }
    }

    private void empty(SecureDirectoryStream<Path> parent, Path name, Path tree, int levels) throws IOException {
        try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : directory) {
                Path child = entry.getFileName();
                if (!isDirectory(directory, child)) {
                    directory.deleteFile(child);
                } else if (levels == 0) {
                    Path higher = Path.of(tree + "." + ++moved);
                    directory.move(child, top, higher);
                    waiting.add(higher);
                } else {
                    empty(directory, child, tree, levels - 1);
                    directory.deleteDirectory(child);
                }
            }
        }
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory();
    }
}
