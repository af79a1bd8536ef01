package dev.coracle.linux;

import java.nio.ByteBuffer;

/**
 * What statx(2) tells of a file.
 *
 * @param mode type and permission bits as in st_mode
 * @param links number of hard links
 * @param size bytes; of a symbolic link, the length of its target
 * @param blocks what it occupies, in units of 512 bytes
 * @param device major number in the upper and minor in the lower 32 bits, of a device node; else 0
 */
public record FileStat(
        int mode, int uid, int gid, long links, long inode, long size, long blocks, Timestamp modified, long device) {
    public static final int TYPE_MASK = 0170000;
    public static final int DIRECTORY = 0040000;
    public static final int REGULAR = 0100000;
    public static final int SYMLINK = 0120000;
    public static final int CHARACTER = 0020000;
    public static final int BLOCK = 0060000;
    public static final int FIFO = 0010000;

    /** Size of the kernel's struct statx. */
    static final int BYTES = 256;

    /** Reads the kernel's struct statx; its layout is the same on every architecture. */
    static FileStat of(ByteBuffer statx, int at) {
        return new FileStat(
                Short.toUnsignedInt(statx.getShort(at + 28)),
                statx.getInt(at + 20),
                statx.getInt(at + 24),
                Integer.toUnsignedLong(statx.getInt(at + 16)),
                statx.getLong(at + 32),
                statx.getLong(at + 40),
                statx.getLong(at + 48),
                new Timestamp(statx.getLong(at + 112), statx.getInt(at + 120)),
                ((long) statx.getInt(at + 128) << 32) | Integer.toUnsignedLong(statx.getInt(at + 132)));
    }

    /** The permission bits, 0 to 07777. */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return (mode & TYPE_MASK) == DIRECTORY;
    }

    public boolean isSymlink() {
        return (mode & TYPE_MASK) == SYMLINK;
    }

    /** Whether it is what overlay takes for "nothing here, and nothing below": a character device with number 0, 0. */
    public boolean isWhiteout() {
        return (mode & TYPE_MASK) == CHARACTER && device == 0;
    }
}
