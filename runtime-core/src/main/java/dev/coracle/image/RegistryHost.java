package dev.coracle.image;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server that has images of a registry: the registry itself, or a mirror of it.
 *
 * @param base what comes before {@code /NAME/manifests/…}: scheme, host, and most often {@code /v2}
 * @param resolves it may be asked what a tag means
 * @param pulls it may be asked for content by digest
 * @param headers sent with every request to it
 * @param dialTimeout how long a connection may take to be made
 * @param mirrorOf the registry it stands for, null for the registry itself
 */
record RegistryHost(
        URI base,
        boolean resolves,
        boolean pulls,
        TlsSettings tls,
        Map<String, List<String>> headers,
        Duration dialTimeout,
        @Nullable String mirrorOf) {
    static final Duration DEFAULT_DIAL_TIMEOUT = Duration.ofSeconds(5);

    RegistryHost {
        headers = Map.copyOf(headers);
    }

    /** The registry of this name where nothing else is configured: https, but http on this machine itself. */
    static RegistryHost upstream(String domain) {
        String host = domain.equals("docker.io") ? "registry-1.docker.io" : domain;
        String name = host.replaceFirst(":\\d+$", "");
        boolean local = name.equals("localhost") || name.startsWith("127.") || name.equals("[::1]");
        String scheme = local && !host.endsWith(":443") ? "http" : "https";
        return new RegistryHost(
                URI.create(scheme + "://" + host + "/v2"),
                true,
                true,
                TlsSettings.DEFAULT,
                Map.of(),
                DEFAULT_DIAL_TIMEOUT,
                null);
    }

    /** A server on this machine that has an image of any registry. */
    static RegistryHost at(URI base) {
        return new RegistryHost(base, true, true, TlsSettings.DEFAULT, Map.of(), DEFAULT_DIAL_TIMEOUT, null);
    }

    /** Where {@code kind}, which is {@code manifests} or {@code blobs}, of a repository is found. */
    URI uri(String repository, String kind, String selector) {
        String query = mirrorOf == null ? "" : "?ns=" + mirrorOf;
        return URI.create(base + "/" + repository + "/" + kind + "/" + selector + query);
    }

    /** Host and port. */
    String name() {
        return base.getAuthority();
    }

    boolean isEncrypted() {
        return "https".equals(base.getScheme());
    }
}
