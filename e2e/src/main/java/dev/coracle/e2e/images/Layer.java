package dev.coracle.e2e.images;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The content of one layer, in the order given; the same entries always make the same bytes. */
public final class Layer {
    private final List<Entry> entries = new ArrayList<>();

    private record Entry(TarArchiveEntry header, Blob content) {}

    /** What differs from a file of root with mode 644 and time 0. */
    public record Attributes(int mode, int uid, int gid, long mtime) {
        public static Attributes mode(int mode) {
            return new Attributes(mode, 0, 0, 0);
        }

        public Attributes owner(int newUid, int newGid) {
            return new Attributes(mode, newUid, newGid, mtime);
        }

        public Attributes time(long seconds) {
            return new Attributes(mode, uid, gid, seconds);
        }
    }

    public Layer dir(String path) {
        return dir(path, Attributes.mode(0755));
    }

    public Layer dir(String path, Attributes attributes) {
        return add(new TarArchiveEntry(path + "/", TarConstants.LF_DIR), attributes, new byte[0]);
    }

    public Layer file(String path, String text) {
        return file(path, text.getBytes(StandardCharsets.UTF_8), Attributes.mode(0644));
    }

    public Layer file(String path, byte[] content, Attributes attributes) {
        TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_NORMAL);
        header.setSize(content.length);
        return add(header, attributes, content);
    }

    public Layer program(String path, Path from) {
        try {
            return file(path, Files.readAllBytes(from), Attributes.mode(0755));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Layer symlink(String path, String target) {
        TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
        header.setLinkName(target);
        return add(header, Attributes.mode(0777), new byte[0]);
    }

    public Layer hardlink(String path, String target) {
        TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_LINK);
        header.setLinkName(target);
        return add(header, Attributes.mode(0755), new byte[0]);
    }

    public Layer fifo(String path) {
        return add(new TarArchiveEntry(path, TarConstants.LF_FIFO), Attributes.mode(0640), new byte[0]);
    }

    public Layer charDevice(String path, int major, int minor) {
        return device(new TarArchiveEntry(path, TarConstants.LF_CHR), major, minor);
    }

    public Layer blockDevice(String path, int major, int minor) {
        return device(new TarArchiveEntry(path, TarConstants.LF_BLK), major, minor);
    }

    private Layer device(TarArchiveEntry header, int major, int minor) {
        header.setDevMajor(major);
        header.setDevMinor(minor);
        return add(header, Attributes.mode(0600), new byte[0]);
    }

    /** Says that the file of lower layers is gone. */
    public Layer whiteout(String path) {
        int slash = path.lastIndexOf('/') + 1;
        return file(path.substring(0, slash) + ".wh." + path.substring(slash), "");
    }

    /** Says that nothing of lower layers is seen in this directory. */
    public Layer opaque(String dir) {
        return file(dir + "/.wh..wh..opq", "");
    }

    /** Gives the entry that was added last an extended attribute. */
    public Layer xattr(String name, String value) {
        entries.getLast().header().addPaxHeader("SCHILY.xattr." + name, value);
        return this;
    }

    /** Gives the entry that was added last a time with nanoseconds. */
    public Layer preciseTime(String seconds) {
        entries.getLast().header().addPaxHeader("mtime", seconds);
        return this;
    }

    private Layer add(TarArchiveEntry header, Attributes attributes, byte[] content) {
        header.setMode(attributes.mode());
        header.setIds(attributes.uid(), attributes.gid());
        header.setNames("", "");
        header.setModTime(attributes.mtime() * 1000);
        entries.add(new Entry(header, new Blob(content)));
        return this;
    }

    /** The uncompressed archive. */
    public byte[] tar() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8")) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            out.setAddPaxHeadersForNonAsciiNames(true);
            for (Entry entry : entries) {
                out.putArchiveEntry(entry.header());
                out.write(entry.content().bytes());
                out.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
