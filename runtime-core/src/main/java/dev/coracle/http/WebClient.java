package dev.coracle.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends requests, and keeps connections for the next ones: HTTP/1.1, and HTTP/2 with servers that speak nothing else. Follows
 * no redirects. A connection that nobody uses is closed after {@link Site#IDLE_SECONDS}. Safe for any thread; calls block.
 */
public final class WebClient {
    static final int SITES_KEPT = 64;

    private final Dialer dialer;
    private final Map<Origin, Site> sites = new ConcurrentHashMap<>();

    /** @param dialTimeout how long a connection may take to be made, without encryption */
    public WebClient(Network network, Tls tls, Duration dialTimeout) {
        this.dialer = new Dialer(network, tls, dialTimeout);
    }

    /**
     * Waits for the head of the answer. A connection that was closed before an answer came is replaced by another once.
     *
     * @param patience how long it may take until then, with all that comes before
     * @throws IOException if there is no answer, with the reason as its message
     */
    public Answer send(Request request, Optional<HttpProxy> proxy, Duration patience)
            throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(patience);
        Site site = site(Origin.of(request.uri(), proxy));
        Optional<Link> kept = request.isIdempotent() ? site.kept() : Optional.empty();
        if (kept.isPresent()) {
            try {
                return send(request, site, kept.get(), deadline);
            } catch (HttpTimeoutException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                // The server may not have wanted to keep it as long.
            }
        }
        return send(request, site, site.open(deadline), deadline);
    }

    private Site site(Origin origin) {
        if (sites.size() >= SITES_KEPT && !sites.containsKey(origin)) {
            // Registries may redirect to any number of servers. What is under way goes on, and what is idle ends by
            // itself.
            sites.clear();
        }
        return sites.computeIfAbsent(origin, _ -> new Site(origin, dialer));
    }

    private static Answer send(Request request, Site site, Link link, Deadline deadline)
            throws IOException, InterruptedException {
        Exchange exchange = new Exchange(request.message(site.origin()));
        link.begin(exchange);
        return exchange.await(deadline);
    }
}
