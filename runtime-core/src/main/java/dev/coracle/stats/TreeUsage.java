package dev.coracle.stats;

import dev.coracle.linux.FileStat;
import dev.coracle.linux.Linux;
import dev.coracle.linux.SyscallException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what a tree of files takes on disk: links are not followed, and a file with several names counts once. On a platform thread, as it
 * takes as long as the tree is large. What comes and goes while it is counted may be counted or not.
 */
public final class TreeUsage {
    private static final Logger LOG = LoggerFactory.getLogger(TreeUsage.class);

    /** The unit of {@code st_blocks}. */
    private static final long BLOCK = 512;

    private final Linux linux = new Linux();
    private final Set<Long> linked = new HashSet<>();
    private long bytes;
    private long inodes;

    private TreeUsage() {}

    /**
     * Counts.
     *
     * @param mountpoint as it is to be told
     * @param timestamp ns since the epoch
     * @throws IOException if there is no such tree
     */
    public static DiskUsage of(Path tree, String mountpoint, long timestamp) throws IOException {
        TreeUsage usage = new TreeUsage();
        usage.count(tree);
        Files.walkFileTree(tree, usage.new Walk());
        return new DiskUsage(timestamp, mountpoint, usage.bytes, usage.inodes);
    }

    private void count(Path file) throws SyscallException {
        FileStat stat = linux.lstat(null, file.toString());
        boolean first = stat.isDirectory() || stat.links() == 1 || linked.add(stat.inode());
        if (first) {
            bytes += stat.blocks() * BLOCK;
            inodes++;
        }
    }

    private final class Walk extends SimpleFileVisitor<Path> {
        private boolean below;

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (below) {
                countIfThere(directory);
            }
            below = true;
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            countIfThere(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
            return FileVisitResult.CONTINUE;
        }

        private void countIfThere(Path file) {
            try {
                count(file);
            } catch (SyscallException e) {
                LOG.debug("gone since it was listed: {}", e.getMessage());
            }
        }
    }
}
