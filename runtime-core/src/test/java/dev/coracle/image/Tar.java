package dev.coracle.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes tar archives for tests, hostile ones too, with commons-compress, so that what reads them is not what wrote them. */
public final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8");

    public Tar() {
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        out.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** Long names in GNU's form from here on. */
    public Tar gnuNames() {
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        return this;
    }

    public Tar directory(String name, int mode) {
        return entry(name, TarConstants.LF_DIR, "", e -> e.setMode(mode));
    }

    public Tar file(String name, String content) {
        return entry(name, TarConstants.LF_NORMAL, content, _ -> {});
    }

    public Tar file(String name, byte[] content) {
        return entry(name, TarConstants.LF_NORMAL, content, _ -> {});
    }

    public Tar file(String name, String content, Consumer<TarArchiveEntry> more) {
        return entry(name, TarConstants.LF_NORMAL, content, more);
    }

    public Tar symlink(String name, String target) {
        return entry(name, TarConstants.LF_SYMLINK, "", e -> e.setLinkName(target));
    }

    public Tar link(String name, String existing) {
        return entry(name, TarConstants.LF_LINK, "", e -> e.setLinkName(existing));
    }

    /** A device; the type is {@link TarConstants#LF_CHR} or {@link TarConstants#LF_BLK}. */
    public Tar device(String name, byte type, int major) {
        return entry(name, type, "", e -> {
            e.setDevMajor(major);
            e.setMode(0666);
        });
    }

    /** A PAX header for the next entry, with these records ({@code key=value}), each behind its length. */
    public Tar pax(String... records) {
        StringBuilder text = new StringBuilder();
        for (String record : records) {
            int length = record.length() + 2; // a blank, a line feed, and the length itself
            length += String.valueOf(length + String.valueOf(length).length()).length();
            text.append(length).append(' ').append(record).append('\n');
        }
        return entry("pax", TarConstants.LF_PAX_EXTENDED_HEADER_LC, text.toString(), _ -> {});
    }

    /** Any entry, also one that no tool would write. */
    public Tar entry(String name, byte type, String content, Consumer<TarArchiveEntry> more) {
        return entry(name, type, content.getBytes(StandardCharsets.UTF_8), more);
    }

    private Tar entry(String name, byte type, byte[] body, Consumer<TarArchiveEntry> more) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
            entry.setSize(body.length);
            entry.setModTime(1_700_000_000_000L);
            more.accept(entry);
            out.putArchiveEntry(entry);
            out.write(body);
            out.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The archive; nothing can be added any more. */
    public byte[] bytes() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
