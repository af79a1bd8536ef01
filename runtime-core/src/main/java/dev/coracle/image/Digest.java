package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A hash that names content (OCI image specification, descriptor, "Digests"): {@code sha256:…} or {@code sha512:…}, in
 * lower-case hex.
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
    private static final Map<String, Integer> DIGITS = Map.of("sha256", 64, "sha512", 128);
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

    /** @throws InvalidSpec if the algorithm is not known or the hex is not of its length */
    public Digest {
        Integer digits = DIGITS.get(algorithm);
        if (digits == null) {
            throw new InvalidSpec("digest", "unknown algorithm " + algorithm + "; sha256 and sha512 are known");
        }
        if (hex.length() != digits || !HEX.matcher(hex).matches()) {
            throw new InvalidSpec("digest", "not " + digits + " lower-case hex digits after " + algorithm + ":");
        }
    }

    /** Reads {@code algorithm:hex}. */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new InvalidSpec("digest", "no algorithm before a colon in \"" + text + "\"");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The sha256 of these bytes. */
    public static Digest sha256(byte[] content) {
        return of("sha256", hash("sha256").digest(content));
    }

    /** The digest that a finished hash of {@link #newHash} stands for. */
    Digest sameAlgorithm(MessageDigest finished) {
        return of(algorithm, finished.digest());
    }

    /** The digest of these bytes, by {@code fresh}, which is of this digest's algorithm. */
    Digest sameAlgorithm(MessageDigest fresh, byte[] content) {
        fresh.update(content);
        return sameAlgorithm(fresh);
    }

    /** A fresh hash of this digest's algorithm. */
    MessageDigest newHash() {
        return hash(algorithm);
    }

    /** A file name that no other digest has: {@code sha256-…}. */
    String fileName() {
        return algorithm + "-" + hex;
    }

    /** The digest whose {@link #fileName} this is. */
    static Digest ofFileName(String name) {
        return parse(name.replaceFirst("-", ":"));
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }

    private static Digest of(String algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    private static MessageDigest hash(String algorithm) {
        try {
            return MessageDigest.getInstance("sha512".equals(algorithm) ? "SHA-512" : "SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
