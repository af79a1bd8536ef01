package dev.coracle.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What statfs(2) tells of a file system.
 *
 * @param type its magic number as in linux/magic.h
 * @param blockSize bytes a block
 * @param blocks blocks in all
 * @param available blocks that an unprivileged process may still take
 * @param inodes inodes in all; 0 where the file system has no fixed number
 * @param freeInodes inodes not taken
 */
public record FileSystemStat(long type, long blockSize, long blocks, long available, long inodes, long freeInodes) {
    public static final long CGROUP2_MAGIC = 0x6367_7270L;
    public static final long OVERLAY_MAGIC = 0x794c_7630L;
    public static final long TMPFS_MAGIC = 0x0102_1994L;

    private static final int STRUCT_BYTES = 120;

    /** statfs(2) of the file system that {@code path} is on. */
    public static FileSystemStat of(Path path) throws SyscallException {
        byte[] bytes = new byte[STRUCT_BYTES];
        if (Native.C.statfs(Native.cString(path.toString(), StandardCharsets.UTF_8), bytes) < 0) {
            throw new SyscallException("statfs", path.toString(), Native.errno());
        }
        ByteBuffer struct = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return new FileSystemStat(
                struct.getLong(0),
                struct.getLong(8),
                struct.getLong(16),
                struct.getLong(32),
                struct.getLong(40),
                struct.getLong(48));
    }
}
