package dev.coracle.image;

import dev.coracle.linux.Timestamp;
import java.util.List;
import java.util.Map;

/**
 * The header of one entry of a tar stream, with what extension headers said about it already worked in. Names are any bytes,
 * one char each.
 *
 * @param link target of a symbolic link, or the name of what a hard link links to
 * @param mode permission bits, 0 to 07777
 * @param size bytes of content that follow in the stream
 * @param xattrs extended attributes by name
 * @param extents where content goes, of a sparse file: in the order of the stream; empty if it goes all in one piece
 * @param fileSize bytes of the file, which for a sparse file is more than {@code size}
 */
record TarEntry(
        Type type,
        String name,
        String link,
        int mode,
        int uid,
        int gid,
        long size,
        Timestamp modified,
        int major,
        int minor,
        Map<String, byte[]> xattrs,
        List<Extent> extents,
        long fileSize) {

    /** The same with content: bytes in the stream, where they go, and bytes of the file. */
    TarEntry withContent(long stored, List<Extent> pieces, long whole) {
        return new TarEntry(type, name, link, mode, uid, gid, stored, modified, major, minor, xattrs, pieces, whole);
    }

    enum Type {
        FILE,
        HARD_LINK,
        SYMLINK,
        CHARACTER,
        BLOCK,
        DIRECTORY,
        FIFO
    }

    /** A piece of a sparse file, in bytes from the file's start. */
    record Extent(long offset, long length) {}
}
