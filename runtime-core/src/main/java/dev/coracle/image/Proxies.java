package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
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
public final class Proxies extends ProxySelector {
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

    @Override
    public List<Proxy> select(URI uri) {
        URI proxy = proxyFor(uri);
        if (proxy == null) {
            return List.of(Proxy.NO_PROXY);
        }
        int port = proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort();
        return List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port)));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The request fails with it.
    }

    /** What proves to the proxy of this address who asks, if the proxy's own address says it. */
    Optional<String> authorization(URI uri) {
        URI proxy = proxyFor(uri);
        return Optional.ofNullable(proxy == null ? null : proxy.getUserInfo())
                .map(secret -> secret.contains(":") ? secret : secret + ":")
                .map(secret -> "Basic " + Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
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
