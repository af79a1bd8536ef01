package dev.coracle.image;

import dev.coracle.image.TarEntry.Extent;
import dev.coracle.linux.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar archive: ustar headers, and before them PAX records for what these have no room for (POSIX.1-2001 pax). The same entries
 * always make the same bytes. Content goes from the caller to the stream, after its header. Confined to one thread.
 */
final class TarWriter {
    private static final int NAME_BYTES = 100;
    private static final long MOST_ID = 07777777;
    private static final long MOST_SIZE = 077777777777L;
    private static final byte[] ZEROS = new byte[2 * TarHeader.BYTES];

    private final OutputStream out;

    /** @param out stays the caller's to close */
    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** A file of root's that is as old as can be. */
    static TarEntry plainFile(String name, int mode, long size) {
        return plain(TarEntry.Type.FILE, name, "", mode).withContent(size, List.of(), size);
    }

    /** A hard link to something of which nothing else is known. */
    static TarEntry plainLink(String name, String target) {
        return plain(TarEntry.Type.HARD_LINK, name, target, 0644);
    }

    private static TarEntry plain(TarEntry.Type type, String name, String link, int mode) {
        Timestamp old = new Timestamp(0, 0);
        return new TarEntry(type, name, link, mode, 0, 0, 0, old, 0, 0, Map.of(), List.of(), 0);
    }

    /** Writes the header; {@code entry.size()} bytes of content come next, and then {@link #pad}. */
    void put(TarEntry entry) throws IOException {
        byte[] map = entry.extents().isEmpty() ? new byte[0] : sparseMap(entry.extents());
        long stored = map.length + entry.size();
        byte[] records = records(entry, stored);
        if (records.length > 0) {
            String last = entry.name().replaceFirst("/+$", "");
            new Header("PaxHeaders/" + last.substring(last.lastIndexOf('/') + 1), 'x', records.length).write();
            out.write(records);
            pad(records.length);
        }
        new Header(map.length > 0 ? "GNUSparseFile/" + entry.name() : entry.name(), type(entry), stored)
                .of(entry)
                .write();
        out.write(map);
    }

    /** Ends content of so many bytes: the next header begins at a whole block. */
    void pad(long size) throws IOException {
        out.write(ZEROS, 0, (int) (-size & (TarHeader.BYTES - 1)));
    }

    /** Ends the archive. */
    void end() throws IOException {
        out.write(ZEROS);
    }

    private static char type(TarEntry entry) {
        return switch (entry.type()) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER -> '3';
            case BLOCK -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    private static byte[] records(TarEntry entry, long stored) {
        PaxLines lines = new PaxLines();
        boolean sparse = !entry.extents().isEmpty();
        if (sparse) {
            lines.add("GNU.sparse.major", "1");
            lines.add("GNU.sparse.minor", "0");
            lines.add("GNU.sparse.name", entry.name());
            lines.add("GNU.sparse.realsize", String.valueOf(entry.fileSize()));
        }
        lines.addIf(entry.name().length() > NAME_BYTES && !sparse, "path", entry.name());
        lines.addIf(entry.link().length() > NAME_BYTES, "linkpath", entry.link());
        lines.addIf(stored > MOST_SIZE, "size", String.valueOf(stored));
        lines.addIf(beyond(entry.uid()), "uid", Integer.toUnsignedString(entry.uid()));
        lines.addIf(beyond(entry.gid()), "gid", Integer.toUnsignedString(entry.gid()));
        lines.addIf(!isPlain(entry.modified()), "mtime", text(entry.modified()));
        new TreeMap<>(entry.xattrs())
                .forEach((key, value) ->
                        lines.add(PaxRecords.XATTR + key, new String(value, StandardCharsets.ISO_8859_1)));
        return lines.bytes();
    }

    private static boolean beyond(int id) {
        return Integer.toUnsignedLong(id) > MOST_ID;
    }

    private static boolean isPlain(Timestamp time) {
        return time.nanos() == 0 && time.seconds() >= 0 && time.seconds() <= MOST_SIZE;
    }

    /** Of a time before 1970 the fraction counts back from the next whole second, as the number is one with a sign. */
    private static String text(Timestamp time) {
        if (time.nanos() == 0) {
            return String.valueOf(time.seconds());
        }
        boolean negative = time.seconds() < 0;
        long whole = negative ? -(time.seconds() + 1) : time.seconds();
        int fraction = negative ? 1_000_000_000 - time.nanos() : time.nanos();
        return (negative ? "-" : "") + whole + ".%09d".formatted(fraction).replaceFirst("0+$", "");
    }

    /** GNU's format 1.0: the number of pieces, and of each where it begins and how long it is, a line each, in whole blocks. */
    private static byte[] sparseMap(List<Extent> extents) {
        StringBuilder text = new StringBuilder().append(extents.size()).append('\n');
        extents.forEach(
                e -> text.append(e.offset()).append('\n').append(e.length()).append('\n'));
        text.append("\0".repeat(-text.length() & (TarHeader.BYTES - 1)));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** One block being filled. */
    private final class Header {
        private final byte[] block = new byte[TarHeader.BYTES];

        Header(String name, char type, long size) {
            text(0, NAME_BYTES, name);
            number(100, 8, 0644);
            number(108, 8, 0);
            number(116, 8, 0);
            number(124, 12, size > MOST_SIZE ? 0 : size);
            number(136, 12, 0);
            block[156] = (byte) type;
            text(257, 5, "ustar");
            text(263, 2, "00");
        }

        Header of(TarEntry entry) {
            number(100, 8, entry.mode());
            number(108, 8, beyond(entry.uid()) ? 0 : entry.uid());
            number(116, 8, beyond(entry.gid()) ? 0 : entry.gid());
            number(136, 12, isPlain(entry.modified()) ? entry.modified().seconds() : 0);
            text(157, NAME_BYTES, entry.link());
            if (entry.type() == TarEntry.Type.CHARACTER || entry.type() == TarEntry.Type.BLOCK) {
                number(329, 8, entry.major());
                number(337, 8, entry.minor());
            }
            return this;
        }

        void write() throws IOException {
            text(148, 8, "        ");
            int sum = 0;
            for (byte b : block) {
                sum += Byte.toUnsignedInt(b);
            }
            text(148, 8, "%06o\0 ".formatted(sum));
            out.write(block);
        }

        /** What is longer is cut off: a PAX record has it whole. */
        private void text(int at, int most, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(bytes, 0, block, at, Math.min(most, bytes.length));
        }

        private void number(int at, int length, long number) {
            String digits = Long.toOctalString(number);
            text(at, length, "0".repeat(length - 1 - digits.length()) + digits);
        }
    }

    /** PAX records, one after the other. Values are any bytes, one char each. */
    private static final class PaxLines {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void addIf(boolean needed, String key, String value) {
            if (needed) {
                add(key, value);
            }
        }

        /** The length at the beginning of a record counts its own digits too. */
        void add(String key, String value) {
            String rest = " " + key + "=" + value + "\n";
            int length = rest.length() + 1;
            while (String.valueOf(length).length() + rest.length() != length) {
                length = String.valueOf(length).length() + rest.length();
            }
            bytes.writeBytes((length + rest).getBytes(StandardCharsets.ISO_8859_1));
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
