package dev.coracle.e2e.bench;

import dev.coracle.http.Network;
import dev.coracle.http.Request;
import dev.coracle.http.Tls;
import dev.coracle.http.WebClient;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** By what the daemon pulls with: HTTP/1.1 with a registry that speaks it. */
final class OwnFetch implements ClientBench.Fetch {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int STEP = 16 << 10;

    private final URI blob;
    private final WebClient client = new WebClient(
            new Network(), new Tls(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null, false), PATIENCE);

    OwnFetch(URI blob) {
        this.blob = blob;
    }

    @Override
    public void run(ClientBench.Stretches stretches, int connections) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            Thread.ofVirtual().start(() -> {
                fetchAll(stretches);
                done.countDown();
            });
        }
        done.await();
    }

    private void fetchAll(ClientBench.Stretches stretches) {
        byte[] bytes = new byte[STEP];
        try {
            for (String range = stretches.next(); !range.isEmpty(); range = stretches.next()) {
                Request request = Request.get(blob).set("Range", range);
                try (InputStream in =
                        client.send(request, Optional.empty(), PATIENCE).body()) {
                    for (int length = in.read(bytes); length > 0; length = in.read(bytes)) {
                        stretches.came(length);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
