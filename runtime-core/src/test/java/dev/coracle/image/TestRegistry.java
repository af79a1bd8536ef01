package dev.coracle.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A registry on a port of its own that serves what a test puts into it, and misbehaves as the test says. */
final class TestRegistry implements AutoCloseable {
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX = "application/vnd.oci.image.index.v1+json";

    /** Decides about one request before it is answered; answers it itself and says true, or leaves it. */
    interface Fault {
        boolean handle(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    final List<String> requests = new CopyOnWriteArrayList<>();

    TestRegistry() {
        this(null);
    }

    /** @param tls how it is reached; null for plain http */
    TestRegistry(@Nullable HttpsConfigurator tls) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls == null) {
                server = HttpServer.create(address, 0);
            } else {
                HttpsServer encrypted = HttpsServer.create(address, 0);
                encrypted.setHttpsConfigurator(tls);
                server = encrypted;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Host and port, as they stand in front of an image's name. */
    String host() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void fault(Fault fault) {
        faults.add(fault);
    }

    void clearFaults() {
        faults.clear();
    }

    long requestsWith(String part) {
        return requests.stream().filter(line -> line.contains(part)).count();
    }

    Digest blob(String repository, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        contents.put("/v2/" + repository + "/blobs/" + digest, bytes);
        return digest;
    }

    Digest manifest(String repository, String tag, String type, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.sha256(bytes);
        for (String selector : List.of(digest.toString(), tag)) {
            contents.put("/v2/" + repository + "/manifests/" + selector, bytes);
            types.put("/v2/" + repository + "/manifests/" + selector, type);
        }
        return digest;
    }

    /** Puts a whole image in, and answers its manifest's digest. */
    Digest image(String repository, String tag, LayerBlob... layers) {
        return image(repository, tag, "{\"Cmd\":[\"/bin/sh\"],\"Env\":[\"PATH=/bin\"]}", layers);
    }

    Digest image(String repository, String tag, String config, LayerBlob... layers) {
        String diffIds = Arrays.stream(layers)
                .map(layer -> "\"" + Digest.sha256(layer.tar()) + "\"")
                .collect(Collectors.joining(","));
        return manifest(repository, tag, MANIFEST, manifestOf(repository, config, diffIds, layers));
    }

    String manifestOf(String repository, String config, String diffIds, LayerBlob... layers) {
        String document = "{\"architecture\":\"" + Platform.current().architecture() + "\",\"os\":\"linux\",\"config\":"
                + config + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}";
        byte[] configBytes = document.getBytes(StandardCharsets.UTF_8);
        String blobs = Stream.of(layers)
                .map(layer -> descriptor(
                        "application/vnd.oci.image.layer.v1.tar+gzip",
                        blob(repository, layer.blob()),
                        layer.blob().length))
                .collect(Collectors.joining(","));
        return "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":"
                + descriptor(
                        "application/vnd.oci.image.config.v1+json", blob(repository, configBytes), configBytes.length)
                + ",\"layers\":[" + blobs + "]}";
    }

    static String descriptor(String type, Digest digest, long size) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        try (exchange) {
            for (Fault fault : faults) {
                if (fault.handle(exchange)) {
                    return;
                }
            }
            serve(exchange);
        }
    }

    /** The answer without faults; knows ranges. */
    void serve(HttpExchange exchange) throws IOException {
        byte[] content = contents.get(exchange.getRequestURI().getPath());
        if (content == null) {
            answer(exchange, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"none\"}]}");
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
        exchange.getResponseHeaders()
                .set(
                        "Content-Type",
                        types.getOrDefault(exchange.getRequestURI().getPath(), "application/octet-stream"));
        int length = range == null ? content.length : endOf(range, content.length);
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, length - from == 0 ? -1 : length - from);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(content, from, length - from);
        }
    }

    private static int endOf(String range, int length) {
        String last = range.substring(range.indexOf('-') + 1);
        return last.isEmpty() ? length : Math.min(length, Integer.parseInt(last) + 1);
    }

    byte[] contentOf(HttpExchange exchange) {
        return content(exchange.getRequestURI().getPath());
    }

    /** Nothing if there is nothing of this path. */
    byte[] content(String path) {
        return contents.getOrDefault(path, new byte[0]);
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
