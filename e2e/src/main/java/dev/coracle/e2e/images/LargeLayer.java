package dev.coracle.e2e.images;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A layer too large to be held in memory: files of text and of what looks like programs, that compress to about two fifths. The same numbers
 * always make the same bytes.
 *
 * @param files how many
 * @param bytes of each on average; they have half of it to one and a half
 */
public record LargeLayer(int seed, int files, int bytes) {
    private static final int FILES_IN_DIRECTORY = 50;
    private static final int WORDS = 4096;
    /** Of so many stretches one is noise. */
    private static final int NOISE = 4;

    private static final int STRETCH = 2048;

    /** A compressed layer in a file. */
    public record Written(Path file, String digest, String diffId, long size) {}

    /** Writes the compressed layer. */
    public Written write(Path file) throws IOException {
        MessageDigest compressed = sha256();
        MessageDigest plain = sha256();
        try (OutputStream out = new DigestOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(file), 1 << 16), compressed);
                OutputStream gzip = new GZIPOutputStream(out, 1 << 16);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(new DigestOutputStream(gzip, plain))) {
            write(tar);
        }
        return new Written(file, named(compressed), named(plain), Files.size(file));
    }

    private void write(TarArchiveOutputStream tar) throws IOException {
        Random random = new Random(seed);
        byte[][] words = words(random);
        byte[] content = new byte[bytes * 3 / 2];
        for (int i = 0; i < files; i++) {
            String directory = "data-" + seed + "/" + i / FILES_IN_DIRECTORY;
            if (i % FILES_IN_DIRECTORY == 0) {
                put(tar, new TarArchiveEntry(directory + "/", TarConstants.LF_DIR), content, 0);
            }
            int length = bytes / 2 + random.nextInt(bytes);
            fill(content, length, words, random);
            put(tar, new TarArchiveEntry(directory + "/file-" + i, TarConstants.LF_NORMAL), content, length);
        }
    }

    private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, byte[] content, int length)
            throws IOException {
        entry.setMode(entry.isDirectory() ? 0755 : 0644);
        entry.setSize(length);
        entry.setIds(0, 0);
        entry.setNames("", "");
        entry.setModTime(0L);
        tar.putArchiveEntry(entry);
        tar.write(content, 0, length);
        tar.closeArchiveEntry();
    }

    private static byte[][] words(Random random) {
        byte[][] words = new byte[WORDS][];
        for (int i = 0; i < WORDS; i++) {
            StringBuilder word = new StringBuilder();
            random.ints(3 + random.nextInt(9), 'a', 'z' + 1).forEach(c -> word.append((char) c));
            words[i] = word.append(' ').toString().getBytes(StandardCharsets.US_ASCII);
        }
        return words;
    }

    private static void fill(byte[] content, int length, byte[][] words, Random random) {
        byte[] noise = new byte[STRETCH];
        for (int from = 0; from < length; from += STRETCH) {
            int to = Math.min(length, from + STRETCH);
            if (random.nextInt(NOISE) == 0) {
                random.nextBytes(noise);
                System.arraycopy(noise, 0, content, from, to - from);
            } else {
                text(content, from, to, words, random);
            }
        }
    }

    /** Frequent words are much more frequent than rare ones, as in languages. */
    private static void text(byte[] content, int from, int to, byte[][] words, Random random) {
        for (int at = from; at < to; ) {
            double share = random.nextDouble();
            byte[] word = words[(int) (WORDS * share * share * share)];
            int step = Math.min(word.length, to - at);
            System.arraycopy(word, 0, content, at, step);
            at += step;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String named(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }
}
