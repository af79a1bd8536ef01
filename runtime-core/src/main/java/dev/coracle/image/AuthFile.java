package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Credentials by registry, in a file as {@code docker login} and {@code podman login} leave it: {@code auths} with secrets in them, and
 * {@code credHelpers} and {@code credsStore} naming programs that keep them. Immutable.
 */
public final class AuthFile {
    private static final String HUB = "docker.io";
    /** What docker asks a helper for Docker Hub's by. */
    private static final String HUB_AT_HELPERS = "https://index.docker.io/v1/";

    private final Path file;
    private final JsonTree root;

    private AuthFile(Path file, JsonTree root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Reads it.
     *
     * @throws Unavailable if it cannot be read
     * @throws InvalidSpec if it is not JSON; the message has nothing of its content
     */
    public static AuthFile read(Path file) {
        try {
            return new AuthFile(file, JsonTree.parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new Unavailable("read " + file, e.toString(), e);
        } catch (JsonTree.Malformed e) {
            throw new InvalidSpec(file.toString(), "it is not JSON");
        }
    }

    /**
     * What it has for an image: from the helper for its registry, else from the entry whose name is the longest that fits (podman's may
     * have a repository's beginning in them). They are for the image's registry only.
     *
     * @throws InvalidSpec if what it has is malformed
     * @throws Unavailable if it names a helper that fails
     */
    public Credentials of(Reference image) {
        try {
            Optional<Credentials> helped = helper(image.domain())
                    .flatMap(name -> CredentialProgram.ask(name, atHelpers(image.domain()), image.domain()));
            return helped.or(() -> entry(image)).orElse(Credentials.NONE);
        } catch (JsonTree.Malformed e) {
            throw new InvalidSpec(file.toString(), String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> helper(String domain) {
        Map<String, String> helpers = root.textMap("credHelpers");
        return helpers.keySet().stream()
                .filter(key -> normalized(key).equals(domain))
                .findFirst()
                .map(helpers::get)
                .or(() -> Optional.of(root.text("credsStore")))
                .filter(name -> !name.isEmpty());
    }

    private static String atHelpers(String domain) {
        return domain.equals(HUB) ? HUB_AT_HELPERS : domain;
    }

    private Optional<Credentials> entry(Reference image) {
        return root.names("auths").stream()
                .filter(key -> (image.name() + "/").startsWith(normalized(key) + "/"))
                .max(Comparator.comparingInt(key -> normalized(key).length()))
                .map(key -> credentials(root.get("auths").get(key), image.domain()));
    }

    private Credentials credentials(JsonTree entry, String domain) {
        Credentials given = new Credentials(
                entry.text("username"),
                entry.text("password"),
                entry.text("identitytoken"),
                entry.text("registrytoken"),
                domain);
        try {
            return Credentials.of(given, entry.text("auth"));
        } catch (InvalidSpec e) {
            throw new InvalidSpec(
                    file + " for " + domain, "auth is not user and password, joined by a colon, in base64");
        }
    }

    /** Without scheme, version of the protocol and slash at the end; Docker Hub goes by several names. */
    private static String normalized(String key) {
        String name = key.replaceFirst("^https?://", "").replaceFirst("/+$", "").replaceFirst("/v[12]$", "");
        int slash = name.indexOf('/');
        String host = slash < 0 ? name : name.substring(0, slash);
        return Credentials.canonical(host) + (slash < 0 ? "" : name.substring(slash));
    }
}
