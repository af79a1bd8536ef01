package dev.coracle.http;

import java.net.URI;
import java.util.Optional;

/**
 * A server, and the way to it: requests of the same origin may share connections.
 *
 * @param host a name or an address, the latter without brackets
 */
record Origin(boolean encrypted, String host, int port, Optional<HttpProxy> proxy) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    static Origin of(URI uri, Optional<HttpProxy> proxy) {
        boolean encrypted = "https".equals(uri.getScheme());
        int usual = encrypted ? HTTPS : HTTP;
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        return new Origin(encrypted, host, uri.getPort() < 0 ? usual : uri.getPort(), proxy);
    }

    /** The proxy is asked for a tunnel. */
    boolean isTunnelled() {
        return encrypted && proxy.isPresent();
    }

    /** The proxy is given the request itself. */
    boolean isRelayed() {
        return !encrypted && proxy.isPresent();
    }

    /** What proves to the proxy who asks, if there is one that wants to know: a value of Proxy-Authorization. */
    Optional<String> proof() {
        return proxy.map(HttpProxy::proof).filter(proof -> !proof.isEmpty());
    }

    /** Where to connect to: host and port of the proxy, if there is one. */
    String nextHost() {
        return proxy.map(HttpProxy::host).orElse(host);
    }

    int nextPort() {
        return proxy.map(HttpProxy::port).orElse(port);
    }
}
