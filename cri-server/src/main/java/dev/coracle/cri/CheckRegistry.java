package dev.coracle.cri;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An OCI registry with one image, on a loopback port of its own: what a runtime pulls from loopback it pulls by plain http. */
final class CheckRegistry implements AutoCloseable {
    private static final String REPOSITORY = "/v2/coracle/check/";

    private final CheckImage image;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    CheckRegistry(CheckImage image) {
        this.image = image;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new Unavailable("listen on loopback", String.valueOf(e.getMessage()), e);
        }
        server.setExecutor(threads);
        server.createContext("/v2/", this::answer);
        server.start();
    }

    /** What to pull. */
    String reference() {
        return "127.0.0.1:" + server.getAddress().getPort() + "/coracle/check:1";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith(REPOSITORY + "manifests/")) {
                exchange.getResponseHeaders().set("Content-Type", image.manifestType());
                exchange.getResponseHeaders().set("Docker-Content-Digest", CheckImage.digest(image.manifest()));
                send(exchange, image.manifest());
            } else if (path.startsWith(REPOSITORY + "blobs/")) {
                send(exchange, image.blob(path.substring(path.lastIndexOf('/') + 1)));
            } else {
                send(exchange, new byte[0]);
            }
        }
    }

    private static void send(HttpExchange exchange, byte @Nullable [] content) throws IOException {
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
        } else if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
        } else {
            exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
            exchange.getResponseBody().write(content);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
