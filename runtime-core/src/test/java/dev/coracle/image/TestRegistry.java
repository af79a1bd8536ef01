package dev.coracle.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A registry on a port of its own that serves what a test puts into it, does otherwise where the test says so, and keeps what it was
 * asked. It speaks HTTP/1.1 and knows ranges. Threads: any.
 */
public class TestRegistry implements AutoCloseable {
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX = "application/vnd.oci.image.index.v1+json";

    /** Says true when it has answered the request; else the registry does. */
    public interface Script {
        boolean answers(AskedRequest asked, HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final List<Script> scripts = new CopyOnWriteArrayList<>();
    private final List<AskedRequest> asked = new CopyOnWriteArrayList<>();

    /** Plain http on the loopback. */
    TestRegistry() {
        this(listening("127.0.0.1", null));
    }

    /** @param tls how it is reached, on the loopback */
    TestRegistry(HttpsConfigurator tls) {
        this(listening("127.0.0.1", tls));
    }

    protected TestRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /**
     * A server on a port of its own.
     *
     * @param tls null for plain http
     */
    protected static HttpServer listening(String address, @Nullable HttpsConfigurator tls) {
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
    public String host() {
        return server.getAddress().getHostString() + ":" + port();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** All requests so far, in the order they came. */
    public List<AskedRequest> asked() {
        return List.copyOf(asked);
    }

    /** The requests whose path ends so. */
    public List<AskedRequest> askedFor(String end) {
        return asked.stream().filter(request -> request.path().endsWith(end)).toList();
    }

    public void forget() {
        asked.clear();
    }

    public void script(Script script) {
        scripts.add(script);
    }

    void clearScripts() {
        scripts.clear();
    }

    public Digest blob(String repository, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        contents.put("/v2/" + repository + "/blobs/" + digest, bytes);
        return digest;
    }

    /** By a tag and by its digest. */
    public Digest manifest(String repository, String tag, String type, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        for (String selector : List.of(digest.toString(), tag)) {
            String path = "/v2/" + repository + "/manifests/" + selector;
            contents.put(path, bytes);
            types.put(path, type);
        }
        return digest;
    }

    Digest manifest(String repository, String tag, String type, String json) {
        return manifest(repository, tag, type, json.getBytes(StandardCharsets.UTF_8));
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
        byte[] bytes = contents.get(request.path());
        if (bytes == null) {
            answer(exchange, 404, error("MANIFEST_UNKNOWN"));
            return;
        }
        String range = request.header("Range");
        if (range.isEmpty()) {
            String type = types.getOrDefault(request.path(), "application/octet-stream");
            answer(exchange, 200, bytes, "Content-Type", type);
            return;
        }
        String[] ends = range.replaceFirst("bytes=", "").split("-", -1);
        int from = Integer.parseInt(ends[0]);
        int to = ends[1].isEmpty() ? bytes.length : Math.min(bytes.length, Integer.parseInt(ends[1]) + 1);
        byte[] part = Arrays.copyOfRange(bytes, from, to);
        answer(exchange, 206, part, "Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
    }

    /** What it has of this path; nothing if there is none. */
    byte[] content(String path) {
        return contents.getOrDefault(path, new byte[0]);
    }

    /** A body as registries send it with an error. */
    public static String error(String code) {
        return "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"as the test says\"}]}";
    }

    /**
     * Answers a request.
     *
     * @param headers names and values
     * @return true, as a script does that has answered
     */
    public static boolean answer(HttpExchange exchange, int status, byte[] body, String... headers) throws IOException {
        addHeaders(exchange, headers);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
        return true;
    }

    private static void addHeaders(HttpExchange exchange, String... headers) {
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
        }
    }

    /**
     * Begins an answer of so many bytes with fewer: it breaks off there unless more is done with it.
     *
     * @param headers names and values
     * @return true, as a script does that has answered
     */
    public static boolean begin(HttpExchange exchange, int status, long length, byte[] first, String... headers)
            throws IOException {
        addHeaders(exchange, headers);
        exchange.sendResponseHeaders(status, length);
        exchange.getResponseBody().write(first);
        exchange.getResponseBody().flush();
        return true;
    }

    /**
     * Holds an answer up until the gate opens.
     *
     * @return true, as a script does that has answered
     * @throws InterruptedIOException if the registry is closed first
     */
    public static boolean hold(CountDownLatch gate) throws InterruptedIOException {
        try {
            gate.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the registry was closed");
        }
    }

    public static boolean answer(HttpExchange exchange, int status, String body, String... headers) throws IOException {
        return answer(exchange, status, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
