package dev.coracle.image;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Sends requests for one server, through a proxy where the environment says so, and watches over the answers. Safe for any thread. */
final class HostClient {
    private final HttpClient client;
    private final Proxies proxies;
    private final StallTimer stalls;

    HostClient(HttpClient client, Proxies proxies, StallTimer stalls) {
        this.client = client;
        this.proxies = proxies;
        this.stalls = stalls;
    }

    /**
     * Blocks until the answer's head is there, at most for the timer's patience.
     *
     * @param request a GET unless it says otherwise
     */
    HostAnswer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest plain = request.timeout(stalls.patience())
                .setHeader("User-Agent", "coracle")
                .build();
        HttpRequest whole = proxies.authorization(plain.uri())
                .map(proof -> request.setHeader("Proxy-Authorization", proof).build())
                .orElse(plain);
        HttpResponse<java.io.InputStream> response = client.send(whole, HttpResponse.BodyHandlers.ofInputStream());
        return new HostAnswer(response.statusCode(), response.headers(), stalls.watch(response.body()));
    }
}
