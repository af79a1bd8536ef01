package dev.coracle.e2e.images;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** How a layer's blob is compressed. */
public enum Compression {
    NONE("tar"),
    GZIP("tar+gzip"),
    ZSTD("tar+zstd");

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    public String mediaType() {
        return "application/vnd.oci.image.layer.v1." + suffix;
    }

    public byte[] compress(byte[] tar) {
        return switch (this) {
            case NONE -> tar;
            case ZSTD -> Zstd.compress(tar);
            case GZIP -> gzip(tar);
        };
    }

    private static byte[] gzip(byte[] tar) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
