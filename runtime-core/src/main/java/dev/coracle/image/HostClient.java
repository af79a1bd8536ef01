package dev.coracle.image;

import dev.coracle.http.Answer;
import dev.coracle.http.Request;
import dev.coracle.http.WebClient;
import java.io.IOException;

/** Sends requests for one server, through a proxy where the environment says so, and watches over the answers. Safe for any thread. */
final class HostClient {
    private final WebClient client;
    private final Proxies proxies;
    private final StallTimer stalls;

    HostClient(WebClient client, Proxies proxies, StallTimer stalls) {
        this.client = client;
        this.proxies = proxies;
        this.stalls = stalls;
    }

    /** Blocks until the answer's head is there, at most for the timer's patience. */
    HostAnswer send(Request request) throws IOException, InterruptedException {
        Answer answer = client.send(request.set("User-Agent", "coracle"), proxies.of(request.uri()), stalls.patience());
        return new HostAnswer(answer.status(), answer.headers(), stalls.watch(answer.body()));
    }
}
