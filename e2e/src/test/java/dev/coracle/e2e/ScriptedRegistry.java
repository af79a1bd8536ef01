package dev.coracle.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.OciImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A registry on a port of its own that serves what a test puts into it, does otherwise where the test says so, and keeps what it was
 * asked. It speaks HTTP/1.1, knows ranges, and runs in this JVM, on a socket of the node's loopback unless it is said otherwise.
 */
final class ScriptedRegistry implements AutoCloseable {
    static final String LOOPBACK = "127.0.0.1";

    /** Says true when it has answered the request; else the registry does. */
    interface Script {
        boolean answers(AskedRequest asked, HttpExchange exchange) throws IOException;
    }

    private record Kept(Blob blob, String type) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Kept> contents = new ConcurrentHashMap<>();
    private final List<Script> scripts = new CopyOnWriteArrayList<>();
    private final List<AskedRequest> asked = new CopyOnWriteArrayList<>();

    private ScriptedRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Plain http on the node's loopback. */
    static ScriptedRegistry in(Node node) {
        return in(node, LOOPBACK, null);
    }

    /** At an address where every server answers: one that did not is remembered, by address and port, and asked last for a minute. */
    static ScriptedRegistry mirrorIn(Node node) {
        return in(node, "127.0.0.2", null);
    }

    /** @param tls how it is reached; null for plain http */
    static ScriptedRegistry in(Node node, String address, @Nullable HttpsConfigurator tls) {
        return new ScriptedRegistry(NodeSockets.in(node, () -> listening(address, tls)));
    }

    /** On the machine's own loopback, which nothing in a node reaches. */
    static ScriptedRegistry outside(@Nullable HttpsConfigurator tls) {
        return new ScriptedRegistry(listening(LOOPBACK, tls));
    }

    private static HttpServer listening(String address, @Nullable HttpsConfigurator tls) {
        InetSocketAddress any = new InetSocketAddress(address, 0);
        try {
            if (tls == null) {
                return HttpServer.create(any, 0);
            }
            HttpsServer encrypted = HttpsServer.create(any, 0);
            encrypted.setHttpsConfigurator(tls);
            return encrypted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Host and port, as they stand in front of an image's name. */
    String host() {
        return server.getAddress().getHostString() + ":" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** All requests so far, in the order they came. */
    List<AskedRequest> asked() {
        return List.copyOf(asked);
    }

    /** The requests for what ends so. */
    List<AskedRequest> askedFor(String end) {
        return asked.stream().filter(request -> request.path().endsWith(end)).toList();
    }

    void forget() {
        asked.clear();
    }

    void script(Script script) {
        scripts.add(script);
    }

    /** Puts a whole image in. */
    OciImage.Packed image(String repository, String tag, OciImage.Packed image) {
        image.blobs().forEach(blob -> blob(repository, blob));
        manifest(repository, tag, OciImage.MANIFEST, image.manifest());
        return image;
    }

    void blob(String repository, Blob blob) {
        contents.put("/v2/" + repository + "/blobs/" + blob.digest(), new Kept(blob, "application/octet-stream"));
    }

    /** By a tag and by its digest. */
    void manifest(String repository, String tag, String type, Blob manifest) {
        for (String selector : List.of(tag, manifest.digest())) {
            contents.put("/v2/" + repository + "/manifests/" + selector, new Kept(manifest, type));
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            AskedRequest request = AskedRequest.of(exchange);
            asked.add(request);
            for (Script script : scripts) {
                if (script.answers(request, exchange)) {
                    return;
                }
            }
            serve(request, exchange);
        }
    }

    private void serve(AskedRequest request, HttpExchange exchange) throws IOException {
        Kept kept = contents.get(request.path());
        if (kept == null) {
            answer(exchange, 404, error("MANIFEST_UNKNOWN"));
            return;
        }
        byte[] bytes = kept.blob.bytes();
        String range = request.header("Range");
        if (range.isEmpty()) {
            answer(exchange, 200, bytes, "Content-Type", kept.type);
            return;
        }
        String[] ends = range.replaceFirst("bytes=", "").split("-", -1);
        int from = Integer.parseInt(ends[0]);
        int to = ends[1].isEmpty() ? bytes.length : Math.min(bytes.length, Integer.parseInt(ends[1]) + 1);
        byte[] part = Arrays.copyOfRange(bytes, from, to);
        answer(exchange, 206, part, "Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
    }

    /** A body as registries send it with an error. */
    static byte[] error(String code) {
        return text("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"as the test says\"}]}");
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Answers a request.
     *
     * @param headers names and values
     */
    static void answer(HttpExchange exchange, int status, byte[] body, String... headers) throws IOException {
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
