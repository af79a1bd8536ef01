package dev.coracle.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A tree of files as GNU tar reads it: for each name all that an image can say of it, but for its time, which is beside it.
 *
 * @param entries type, mode, owner, size, target, device, extended attributes and content
 * @param times to the nanosecond
 */
record TreeListing(Map<String, String> entries, Map<String, Instant> times) {
    private static final String ATTRIBUTE = "SCHILY.xattr.";

    static TreeListing of(Path root) {
        ProcessBuilder tar = new ProcessBuilder(
                "tar",
                "--create",
                "--format=posix",
                "--sort=name",
                "--numeric-owner",
                "--xattrs",
                "--xattrs-include=*",
                "--directory",
                root.toString(),
                ".");
        try {
            Process process = tar.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process.getOutputStream().close();
            TreeListing listing = new TreeListing(new TreeMap<>(), new TreeMap<>());
            try (TarArchiveInputStream in = new TarArchiveInputStream(process.getInputStream(), "UTF-8")) {
                for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    listing.add(entry, in);
                }
            }
            if (process.waitFor() != 0) {
                throw new IllegalStateException("tar of " + root + ": status " + process.exitValue());
            }
            return listing;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void add(TarArchiveEntry entry, InputStream content) throws IOException {
        StringBuilder line = new StringBuilder("%c %o %d:%d %d"
                .formatted(
                        (char) entry.getLinkFlag(),
                        entry.getMode() & 07777,
                        entry.getLongUserId(),
                        entry.getLongGroupId(),
                        entry.getSize()));
        if (!entry.getLinkName().isEmpty()) {
            line.append(" -> ").append(entry.getLinkName());
        }
        if (entry.isCharacterDevice() || entry.isBlockDevice()) {
            line.append(" device ").append(entry.getDevMajor()).append(',').append(entry.getDevMinor());
        }
        new TreeMap<>(entry.getExtraPaxHeaders()).forEach((key, value) -> {
            if (key.startsWith(ATTRIBUTE)) {
                line.append(' ')
                        .append(key.substring(ATTRIBUTE.length()))
                        .append('=')
                        .append(escaped(value));
            }
        });
        if (entry.isFile() && entry.getSize() > 0) {
            line.append(' ').append(digest(content));
        }
        entries.put(entry.getName(), line.toString());
        FileTime time = entry.getLastModifiedTime();
        times.put(entry.getName(), time.toInstant());
    }

    private static String escaped(String value) {
        StringBuilder text = new StringBuilder();
        value.chars().forEach(c -> text.append(c < ' ' || c > '~' ? "\\x%02x".formatted(c) : String.valueOf((char) c)));
        return text.toString();
    }

    private static String digest(InputStream content) throws IOException {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(content, hash).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(hash.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
