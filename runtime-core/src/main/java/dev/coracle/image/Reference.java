package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image in a registry, normalised as docker does: {@code nginx} is {@code docker.io/library/nginx:latest}. A name
 * with neither tag nor digest has the tag {@code latest}; a name with both has no tag here, as only the digest counts.
 *
 * @param domain the registry, with its port if one is given
 * @param path the repository in it
 */
public record Reference(String domain, String path, Optional<String> tag, Optional<Digest> digest) {
    private static final int MAX_NAME = 255;
    private static final Pattern DOMAIN = Pattern.compile(
            "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
                    + "|\\[[a-fA-F0-9:]+])(?::[0-9]+)?");
    private static final Pattern PATH =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");

    /**
     * Reads a name as users write it.
     *
     * @throws InvalidSpec that says which part is wrong
     */
    public static Reference parse(String text) {
        int at = text.indexOf('@');
        Digest digest = at < 0 ? null : digest(text, text.substring(at + 1));
        String named = at < 0 ? text : text.substring(0, at);
        int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
        String tag = colon < 0 ? null : named.substring(colon + 1);
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw wrong(text, "the tag is not up to 128 letters, digits, dots, dashes and underscores");
        }
        return of(text, colon < 0 ? named : named.substring(0, colon), tag, digest);
    }

    private static Reference of(String text, String name, @Nullable String tag, @Nullable Digest digest) {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean domainGiven = first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.toLowerCase(java.util.Locale.ROOT).equals(first);
        String domain = domainGiven && !first.equals("index.docker.io") ? first : "docker.io";
        String path = domainGiven ? name.substring(slash + 1) : name;
        if (domain.equals("docker.io") && !path.contains("/") && !path.isEmpty()) {
            path = "library/" + path;
        }
        check(text, name, domain, path);
        Optional<String> kept = digest != null ? Optional.empty() : Optional.of(tag == null ? "latest" : tag);
        return new Reference(domain, path, kept, Optional.ofNullable(digest));
    }

    private static void check(String text, String name, String domain, String path) {
        if (name.isEmpty()) {
            throw wrong(text, "the name is empty");
        }
        if (BARE_ID.matcher(name).matches()) {
            throw wrong(text, "64 hex digits are an image's id, not a name in a registry");
        }
        if (!DOMAIN.matcher(domain).matches()) {
            throw wrong(text, "the registry \"" + domain + "\" is no host name with an optional port");
        }
        if (!PATH.matcher(path).matches()) {
            throw wrong(
                    text,
                    path.chars().anyMatch(Character::isUpperCase)
                            ? "the repository must be in lower case"
                            : "the repository \"" + path
                                    + "\" is not of lower-case letters, digits and single separators");
        }
        if (domain.length() + 1 + path.length() > MAX_NAME) {
            throw wrong(text, "the name is longer than " + MAX_NAME + " characters");
        }
    }

    private static Digest digest(String text, String digest) {
        try {
            return Digest.parse(digest);
        } catch (InvalidSpec e) {
            throw wrong(text, String.valueOf(e.getMessage()));
        }
    }

    private static InvalidSpec wrong(String text, String reason) {
        String shown = text.length() > MAX_NAME ? text.substring(0, MAX_NAME) + "…" : text;
        return new InvalidSpec("image", "\"" + shown + "\" is not an image name: " + reason);
    }

    /** Registry and repository: {@code docker.io/library/nginx}. */
    public String name() {
        return domain + "/" + path;
    }

    /** The last part of a registry's address for this image: the digest if there is one, else the tag. */
    String selector() {
        return digest.map(Digest::toString).or(() -> tag).orElseThrow();
    }

    /** {@code docker.io/library/nginx@sha256:…}, the name that means this content for ever. */
    String pinned(Digest manifest) {
        return name() + "@" + manifest;
    }

    /** The normalised name, with its tag or its digest. */
    @Override
    public String toString() {
        return name()
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
