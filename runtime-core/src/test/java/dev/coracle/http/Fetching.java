package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Says what is at each of some addresses: a process with options of its own, for a test. */
final class Fetching {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Fetching() {}

    public static void main(String[] uris) throws Exception {
        Tls tls = new Tls(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null, false);
        try (Network network = new Network()) {
            WebClient client = new WebClient(network, tls, PATIENCE);
            for (String uri : uris) {
                Answer answer = client.send(Request.get(URI.create(uri)), Optional.empty(), PATIENCE);
                try (InputStream body = answer.body()) {
                    System.out.println("came " + new String(body.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
    }
}
