package dev.coracle.cri;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** An OCI image with nothing in it but one static program; its parts by digest. */
final class CheckImage {
    private static final int BLOCK = 512;
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

    private final Map<String, byte[]> blobs = new LinkedHashMap<>();
    private final byte[] manifest;

    /**
     * @param architecture as OCI names it, such as {@code amd64}
     */
    CheckImage(String name, byte[] program, String architecture) {
        byte[] tar = tar(name, program);
        String config =
                "{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
                        .formatted(architecture, digest(tar));
        this.manifest = bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(MANIFEST_TYPE, part("config.v1+json", bytes(config)), part("layer.v1.tar+gzip", gzip(tar))));
    }

    byte[] manifest() {
        return manifest;
    }

    String manifestType() {
        return MANIFEST_TYPE;
    }

    /** Null if there is none of that digest. */
    byte @Nullable [] blob(String digest) {
        return blobs.get(digest);
    }

    private String part(String type, byte[] content) {
        String digest = digest(content);
        blobs.put(digest, content);
        return "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(type, digest, content.length);
    }

    /** One executable file of root, in the ustar format, and the two empty blocks that end an archive. */
    private static byte[] tar(String name, byte[] program) {
        byte[] head = new byte[BLOCK];
        put(head, 0, name);
        put(head, 100, "0000755");
        put(head, 108, "0000000");
        put(head, 116, "0000000");
        put(head, 124, "%011o".formatted(program.length));
        put(head, 136, "%011o".formatted(0));
        put(head, 148, "        ");
        put(head, 156, "0");
        put(head, 257, "ustar\00000");
        int sum = 0;
        for (byte each : head) {
            sum += Byte.toUnsignedInt(each);
        }
        put(head, 148, "%06o\0 ".formatted(sum));
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        tar.writeBytes(head);
        tar.writeBytes(program);
        tar.writeBytes(new byte[Math.floorMod(-program.length, BLOCK) + 2 * BLOCK]);
        return tar.toByteArray();
    }

    private static void put(byte[] head, int at, String field) {
        byte[] bytes = bytes(field);
        System.arraycopy(bytes, 0, head, at, bytes.length);
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
