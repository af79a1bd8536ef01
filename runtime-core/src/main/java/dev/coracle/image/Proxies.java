package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.http.HttpProxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy a request goes through: HTTP_PROXY and HTTPS_PROXY by the address's scheme, unless NO_PROXY names the host. Read as curl and
 * programs in Go read them, in capitals or not; this machine's own addresses are reached directly. Immutable.
 */
public final class Proxies {
    /** No proxy for anything. */
    public static final Proxies NONE = new Proxies(null, null, List.of());

    private static final int DEFAULT_PORT = 80;

    private final @Nullable URI forPlain;
    private final @Nullable URI forEncrypted;
    private final List<NoProxyEntry> exceptions;

    private Proxies(@Nullable URI forPlain, @Nullable URI forEncrypted, List<NoProxyEntry> exceptions) {
        this.forPlain = forPlain;
        this.forEncrypted = forEncrypted;
        this.exceptions = exceptions;
    }

    /**
     * Reads the environment's variables.
     *
     * @throws InvalidSpec for a proxy that is not reached by http
     */
    public static Proxies of(Map<String, String> environment) {
        List<NoProxyEntry> exceptions = Arrays.stream(
                        value(environment, "NO_PROXY").split("[,\\s]+", -1))
                .filter(entry -> !entry.isEmpty())
                .map(NoProxyEntry::parse)
                .toList();
        return new Proxies(proxy(environment, "HTTP_PROXY"), proxy(environment, "HTTPS_PROXY"), exceptions);
    }

    /** What a request for this address goes through, with what the proxy's own address says of who asks. */
    Optional<HttpProxy> of(URI uri) {
        return Optional.ofNullable(proxyFor(uri))
                .map(proxy -> new HttpProxy(
                        proxy.getHost(), proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort(), proof(proxy)));
    }

    private static String proof(URI proxy) {
        String secret = proxy.getUserInfo();
        if (secret == null) {
            return "";
        }
        String whole = secret.contains(":") ? secret : secret + ":";
        return "Basic " + Base64.getEncoder().encodeToString(whole.getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable URI proxyFor(URI uri) {
        URI proxy = "https".equals(uri.getScheme()) ? forEncrypted : forPlain;
        String host = uri.getHost();
        if (proxy == null || host == null || NoProxyEntry.isLocal(host)) {
            return null;
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
        return exceptions.stream().anyMatch(exception -> exception.covers(host, port)) ? null : proxy;
    }

    private static @Nullable URI proxy(Map<String, String> environment, String name) {
        String value = value(environment, name);
        if (value.isEmpty()) {
            return null;
        }
        URI proxy;
        try {
            proxy = URI.create(value.contains("://") ? value : "http://" + value);
        } catch (IllegalArgumentException e) {
            // The address may hold a password: its words are not passed on.
            throw new InvalidSpec(name, "it is not an address");
        }
        if (!"http".equals(proxy.getScheme()) || proxy.getHost() == null) {
            throw new InvalidSpec(name, "only proxies of the form http://HOST:PORT are supported");
        }
        return proxy;
    }

    private static String value(Map<String, String> environment, String name) {
        String small = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        return (small.isEmpty() ? environment.getOrDefault(name, "") : small).strip();
    }
}
