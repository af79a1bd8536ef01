package dev.coracle.image;

import dev.coracle.image.TarEntry.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive as a stream: ustar, GNU and PAX forms, with long names, extended attributes, sparse files in all four
 * formats and binary numbers. Global PAX headers are passed over, as Go's reader does. Confined to the thread that unpacks.
 */
final class TarReader {
    /** What Go's reader takes at most for a name or a PAX header. */
    private static final int MAX_EXTENSION = 1 << 20;

    private static final int MAX_DIGITS = 18;
    /** Far above what a file system takes; sums of two do not overflow. */
    private static final long MAX_SIZE = 1L << 60;

    private final TarStream in;
    private final byte[] block = new byte[TarHeader.BYTES];
    private long contentLeft;
    private long paddingLeft;

    TarReader(TarStream in) {
        this.in = in;
    }

    /** What extension headers said about the entry that follows them. */
    private static final class Extensions {
        PaxRecords pax = PaxRecords.NONE;
        String name = "";
        String link = "";
    }

    /**
     * The next entry, or null at the archive's end. What was not read of the one before is passed over.
     *
     * @throws LayerFault if the stream is no tar archive
     */
    @Nullable
    TarEntry next() throws IOException {
        Extensions extensions = new Extensions();
        while (true) {
            TarHeader header = header();
            if (header == null) {
                return null;
            }
            switch (header.type()) {
                case 'x' -> extensions.pax = PaxRecords.parse(extension(header));
                case 'g' -> extension(header);
                case 'L' -> extensions.name = withoutZeros(extension(header));
                case 'K' -> extensions.link = withoutZeros(extension(header));
                default -> {
                    return entry(header, extensions);
                }
            }
        }
    }

    /** The next bytes of the entry's content, in a buffer that is valid until the next call; empty when there is no more. */
    ByteBuffer content() throws IOException {
        if (contentLeft == 0) {
            return ByteBuffer.allocate(0);
        }
        ByteBuffer slice = in.slice(contentLeft);
        contentLeft -= slice.remaining();
        return slice;
    }

    private @Nullable TarHeader header() throws IOException {
        in.skip(contentLeft + paddingLeft);
        contentLeft = 0;
        paddingLeft = 0;
        if (!in.readFully(block)) {
            return null;
        }
        TarHeader header = new TarHeader(block);
        if (header.isEnd()) {
            return null;
        }
        header.verify();
        return header;
    }

    private byte[] extension(TarHeader header) throws IOException {
        long size = header.size();
        if (size < 0 || size > MAX_EXTENSION) {
            throw new LayerFault("a tar extension header of " + size + " bytes");
        }
        byte[] content = new byte[(int) size];
        if (size > 0 && !in.readFully(content)) {
            throw new LayerFault("the tar stream ends in an extension header");
        }
        in.skip(padding(size));
        return content;
    }

    private TarEntry entry(TarHeader header, Extensions extensions) throws IOException {
        PaxRecords pax = extensions.pax;
        String name = pax.text("GNU.sparse.name").or(() -> pax.text("path")).orElse(extensions.name);
        name = name.isEmpty() ? header.name() : name;
        String link = pax.text("linkpath").orElse(extensions.link);
        link = link.isEmpty() ? header.link() : link;
        TarEntry.Type type = type(header.type(), name);
        boolean regular = type == TarEntry.Type.FILE;
        // Some writers give links and directories a size; nothing follows them all the same.
        long stored = regular ? size(name, pax.number("size", header.size())) : 0;
        contentLeft = stored;
        paddingLeft = padding(stored);
        List<Extent> extents = regular ? sparseMap(header, pax) : List.of();
        long fileSize = extents.isEmpty() ? stored : sparseSize(header, pax, extents);
        return new TarEntry(
                type,
                name,
                link,
                (int) header.mode() & 07777,
                id(pax.number("uid", header.uid())),
                id(pax.number("gid", header.gid())),
                contentLeft,
                pax.time("mtime", header.modified()),
                (int) header.major(),
                (int) header.minor(),
                pax.xattrs(),
                extents,
                fileSize);
    }

    private static TarEntry.Type type(char flag, String name) throws LayerFault {
        return switch (flag) {
            case '0', '7', 'S', '\0' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMLINK;
            case '3' -> TarEntry.Type.CHARACTER;
            case '4' -> TarEntry.Type.BLOCK;
            case '5' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default -> throw new LayerFault("entry " + name + " has the unknown type '" + flag + "'");
        };
    }

    private List<Extent> sparseMap(TarHeader header, PaxRecords pax) throws IOException {
        if (pax.hasMapInContent()) {
            return mapInContent();
        }
        if (header.type() != 'S') {
            return pax.sparseMap();
        }
        List<Extent> extents = new ArrayList<>();
        boolean more = header.sparseMap(extents);
        byte[] continuation = new byte[TarHeader.BYTES];
        while (more) {
            if (!in.readFully(continuation) || extents.size() > MAX_EXTENSION) {
                throw new LayerFault("the map of a sparse file does not end");
            }
            more = TarHeader.sparseMap(continuation, extents);
        }
        return extents;
    }

    /** Format 1.0: the number of pieces, then offset and length of each, a decimal number a line, padded to a block. */
    private List<Extent> mapInContent() throws IOException {
        StringBuilder line = new StringBuilder();
        List<Long> numbers = new ArrayList<>();
        byte[] part = new byte[TarHeader.BYTES];
        while (numbers.isEmpty() || numbers.size() < 1 + 2 * numbers.getFirst()) {
            if (contentLeft < part.length || numbers.size() > MAX_EXTENSION || !in.readFully(part)) {
                throw new LayerFault("the map of a sparse file does not end");
            }
            contentLeft -= part.length;
            for (byte b : part) {
                if (b == '\n') {
                    numbers.add(number(line));
                } else if (b != 0 && line.length() <= MAX_DIGITS) {
                    line.append((char) b);
                }
            }
        }
        List<Extent> extents = new ArrayList<>();
        for (int i = 1; i < 1 + 2 * numbers.getFirst(); i += 2) {
            extents.add(new Extent(numbers.get(i), numbers.get(i + 1)));
        }
        return extents;
    }

    private static long number(StringBuilder line) throws LayerFault {
        String digits = line.toString();
        line.setLength(0);
        if (!digits.matches("\\d{1,18}")) {
            throw new LayerFault("the map of a sparse file has \"" + digits + "\" where a number must be");
        }
        return Long.parseLong(digits);
    }

    /** The pieces come in order, lie in the file, and hold exactly what the stream brings. */
    private long sparseSize(TarHeader header, PaxRecords pax, List<Extent> extents) throws LayerFault {
        long told = header.type() == 'S' ? header.sparseSize() : pax.number("GNU.sparse.size", 0);
        long size = pax.number("GNU.sparse.realsize", told);
        long end = 0;
        long sum = 0;
        for (Extent extent : extents) {
            if (extent.offset() < end || extent.length() < 0 || extent.offset() > size - extent.length()) {
                throw new LayerFault("the map of a sparse file contradicts itself");
            }
            end = extent.offset() + extent.length();
            sum += extent.length();
        }
        if (sum != contentLeft) {
            throw new LayerFault("the map of a sparse file does not fit its content");
        }
        return size;
    }

    private static String withoutZeros(byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] == 0) {
            end--;
        }
        return new String(content, 0, end, StandardCharsets.ISO_8859_1);
    }

    private static long size(String name, long size) throws LayerFault {
        if (size < 0 || size > MAX_SIZE) {
            throw new LayerFault("entry " + name + " has " + size + " bytes, which cannot be");
        }
        return size;
    }

    private static int id(long id) throws LayerFault {
        if (id < 0 || id >= 0xffff_ffffL) {
            throw new LayerFault("an entry belongs to user or group " + id + ", which cannot be");
        }
        return (int) id;
    }

    private static long padding(long size) {
        return -size & (TarHeader.BYTES - 1);
    }
}
