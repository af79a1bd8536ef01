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

/** Writes tar archives for tests with commons-compress, so that what reads them is not what wrote them. */
final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8");

    Tar() {
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        out.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** Long names in GNU's form from here on. */
    Tar gnuNames() {
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        return this;
    }

    Tar directory(String name, int mode) {
        return entry(name, TarConstants.LF_DIR, "", e -> e.setMode(mode));
    }

    Tar file(String name, String content) {
        return entry(name, TarConstants.LF_NORMAL, content, _ -> {});
    }

    Tar file(String name, String content, Consumer<TarArchiveEntry> more) {
        return entry(name, TarConstants.LF_NORMAL, content, more);
    }

    Tar symlink(String name, String target) {
        return entry(name, TarConstants.LF_SYMLINK, "", e -> e.setLinkName(target));
    }

    Tar link(String name, String existing) {
        return entry(name, TarConstants.LF_LINK, "", e -> e.setLinkName(existing));
    }

    Tar entry(String name, byte type, String content, Consumer<TarArchiveEntry> more) {
        byte[] body = content.getBytes(StandardCharsets.UTF_8);
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

    byte[] bytes() {
        try {
            out.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
