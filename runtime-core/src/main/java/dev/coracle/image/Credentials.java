package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * What a client gives to prove who it is to a registry (CRI {@code AuthConfig}). Never shown: {@link #toString} says only whether
 * there is something.
 *
 * @param username empty for none
 * @param password empty for none
 * @param identityToken a refresh token for the registry's token service; empty for none
 * @param registryToken a bearer token for the registry itself; empty for none
 * @param server the registry these are for, as host or URL; empty for any that asks
 */
public record Credentials(String username, String password, String identityToken, String registryToken, String server) {
    /** For public images. */
    public static final Credentials NONE = new Credentials("", "", "", "", "");

    /**
     * Takes user and password out of {@code auth}, where they are joined by a colon in base64, unless they are given.
     *
     * @throws InvalidSpec if {@code auth} is not that
     */
    public static Credentials of(Credentials given, String auth) {
        if (auth.isEmpty() || !given.username.isEmpty()) {
            return given;
        }
        String decoded;
        try {
            decoded = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new InvalidSpec("auth.auth", "it is not base64");
        }
        int colon = decoded.indexOf(':');
        if (colon < 0) {
            throw new InvalidSpec("auth.auth", "there is no colon between user and password");
        }
        String password = decoded.substring(colon + 1).replace("\0", "");
        return new Credentials(
                decoded.substring(0, colon), password, given.identityToken, given.registryToken, given.server);
    }

    boolean hasPassword() {
        return !username.isEmpty() || !password.isEmpty();
    }

    /** What to use at this host: nothing, if these are for another one. Docker Hub goes by several names. */
    Credentials at(String host) {
        return server.isEmpty() || canonical(serverHost()).equals(canonical(host)) ? this : NONE;
    }

    private String serverHost() {
        String authority = server.contains("://") ? URI.create(server).getAuthority() : server;
        int slash = authority == null ? -1 : authority.indexOf('/');
        return authority == null ? "" : slash < 0 ? authority : authority.substring(0, slash);
    }

    /** Under one name what is one registry. */
    static String canonical(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return switch (name) {
            case "registry-1.docker.io", "index.docker.io", "docker.io" -> "docker.io";
            default -> name;
        };
    }

    @Override
    public String toString() {
        return equals(NONE) ? "no credentials" : "credentials";
    }
}
