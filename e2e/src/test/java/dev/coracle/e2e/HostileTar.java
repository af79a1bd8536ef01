package dev.coracle.e2e;

import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.Compression;
import dev.coracle.e2e.images.Json;
import dev.coracle.e2e.images.OciImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Tar archives with entries that no tool would write. */
final class HostileTar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8");

    HostileTar() {
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    HostileTar file(String name, String content) {
        return entry(name, TarConstants.LF_NORMAL, content, _ -> {});
    }

    HostileTar file(String name, byte[] content) {
        return entry(name, TarConstants.LF_NORMAL, content, _ -> {});
    }

    HostileTar directory(String name) {
        return entry(name, TarConstants.LF_DIR, "", e -> e.setMode(0777));
    }

    HostileTar symlink(String name, String target) {
        return entry(name, TarConstants.LF_SYMLINK, "", e -> e.setLinkName(target));
    }

    HostileTar hardlink(String name, String existing) {
        return entry(name, TarConstants.LF_LINK, "", e -> e.setLinkName(existing));
    }

    HostileTar device(String name, byte type, int major) {
        return entry(name, type, "", e -> {
            e.setDevMajor(major);
            e.setMode(0666);
        });
    }

    /** A PAX header for the next entry, with this record, whose length is put before it. */
    HostileTar pax(String key, String value) {
        String record = " " + key + "=" + value + "\n";
        int length = record.length();
        length += String.valueOf(length + String.valueOf(length).length()).length();
        return entry("pax", (byte) 'x', length + record, _ -> {});
    }

    HostileTar entry(String name, byte type, String content, Consumer<TarArchiveEntry> more) {
        return entry(name, type, content.getBytes(StandardCharsets.UTF_8), more);
    }

    private HostileTar entry(String name, byte type, byte[] body, Consumer<TarArchiveEntry> more) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
            entry.setSize(body.length);
            entry.setModTime(0);
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
    byte[] bytes() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Puts an image of this layer alone, and answers the layer's blob. */
    Blob putAs(RawRegistry registry, String image) {
        byte[] tar = bytes();
        return put(registry, image, new Blob(Compression.GZIP.compress(tar)), new Blob(tar).digest());
    }

    /** Puts an image of one layer whose configuration says that it unpacks to this diff ID. */
    static Blob put(RawRegistry registry, String image, Blob layer, String diffId) {
        String repository = image.split(":", 2)[0];
        Blob configuration = configuration(diffId);
        registry.blob(repository, layer);
        registry.blob(repository, configuration);
        registry.manifest(image, OciImage.MANIFEST, manifest(configuration, layer, layer.bytes().length));
        return layer;
    }

    static Blob configuration(String... diffIds) {
        return new Blob(Json.bytes(Json.object(
                "architecture",
                "amd64",
                "os",
                "linux",
                "rootfs",
                Json.object("type", "layers", "diff_ids", List.of(diffIds)))));
    }

    /** A manifest that says of its only layer that it has so many bytes. */
    static Blob manifest(Blob configuration, Blob layer, Object size) {
        return new Blob(Json.bytes(Json.object(
                "schemaVersion",
                2,
                "mediaType",
                OciImage.MANIFEST,
                "config",
                descriptor("application/vnd.oci.image.config.v1+json", configuration, configuration.bytes().length),
                "layers",
                List.of(descriptor(Compression.GZIP.mediaType(), layer, size)))));
    }

    static Object descriptor(String type, Blob blob, Object size) {
        return Json.object("mediaType", type, "digest", blob.digest(), "size", size);
    }
}
