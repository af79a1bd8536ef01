package dev.coracle.e2e;

import dev.coracle.e2e.images.Blob;
import dev.coracle.e2e.images.Compression;
import dev.coracle.e2e.images.OciImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A registry on a node's loopback whose answers a test decides byte by byte; what it was not told to get wrong it serves well, each
 * answer on a connection of its own. Threads: any; one for each connection.
 */
final class RawRegistry implements AutoCloseable {
    /** Writes a whole answer, from its status line on; that the client goes away ends it. */
    interface Answer {
        void write(OutputStream out) throws IOException;
    }

    private record Kept(String type, Blob blob) {}

    private final ServerSocket listener;
    private final Map<String, Kept> contents = new ConcurrentHashMap<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    private RawRegistry(ServerSocket listener) {
        this.listener = listener;
    }

    static RawRegistry in(Node node) {
        RawRegistry registry = new RawRegistry(
                NodeSockets.in(node, () -> new ServerSocket(0, 64, InetAddress.ofLiteral("127.0.0.1"))));
        Thread.ofPlatform().daemon().name("raw-registry").start(registry::accept);
        return registry;
    }

    /** The name of one of its images, as the node's runtime pulls it: {@code good:1}. */
    String name(String repositoryAndTag) {
        return "127.0.0.1:" + listener.getLocalPort() + "/" + repositoryAndTag;
    }

    /** Keeps an image under a name, and answers its id. */
    String put(String repositoryAndTag, OciImage image) {
        OciImage.Packed packed = image.pack();
        String[] parts = repositoryAndTag.split(":", 2);
        packed.blobs().forEach(blob -> blob(parts[0], blob));
        manifest(repositoryAndTag, OciImage.MANIFEST, packed.manifest());
        return packed.blobs().getLast().digest();
    }

    /** Keeps an image of this layer alone, and answers the layer's blob. */
    Blob put(String repositoryAndTag, byte[] tar) {
        Blob layer = new Blob(Compression.GZIP.compress(tar));
        put(repositoryAndTag, layer, new Blob(tar).digest());
        return layer;
    }

    /** Keeps an image of one layer whose configuration says that it unpacks to this diff ID. */
    void put(String repositoryAndTag, Blob layer, String diffId) {
        String repository = repositoryAndTag.split(":", 2)[0];
        Blob configuration = OciImage.configuration(diffId);
        blob(repository, layer);
        blob(repository, configuration);
        manifest(repositoryAndTag, OciImage.MANIFEST, OciImage.manifest(configuration, layer, layer.bytes().length));
    }

    void blob(String repository, Blob blob) {
        contents.put(path(repository, "blobs", blob.digest()), new Kept("application/octet-stream", blob));
    }

    /** Keeps a manifest under its digest and a tag. */
    void manifest(String repositoryAndTag, String type, Blob manifest) {
        String[] parts = repositoryAndTag.split(":", 2);
        Kept kept = new Kept(type, manifest);
        contents.put(path(parts[0], "manifests", parts[1]), kept);
        contents.put(path(parts[0], "manifests", manifest.digest()), kept);
    }

    /** From now on this is what comes of {@code blobs} or {@code manifests} of a repository. */
    void answer(String repository, String kind, String selector, Answer answer) {
        answers.put(path(repository, kind, selector), answer);
    }

    /** What was asked for, in its order, each as it stands in a request line: {@code GET /v2/…}. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    void forgetRequests() {
        requests.clear();
    }

    static void head(OutputStream out, String status, String... headers) throws IOException {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + "\r\nConnection: close\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    }

    static void body(OutputStream out, byte[] bytes) throws IOException {
        head(out, "200 OK", "Content-Length: " + bytes.length);
        out.write(bytes);
    }

    private static String path(String repository, String kind, String selector) {
        return "/v2/" + repository + "/" + kind + "/" + selector;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            String request = String.valueOf(in.readLine());
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {}
            String[] words = request.split(" ", -1);
            if (words.length == 3) {
                requests.add(words[0] + " " + words[1]);
                answer(words[1], client.getOutputStream());
            }
        } catch (IOException e) {
            // The client has had enough.
        }
    }

    private void answer(String path, OutputStream out) throws IOException {
        Answer own = answers.get(path);
        Kept kept = contents.get(path);
        if (own != null) {
            own.write(out);
        } else if (kept != null) {
            head(
                    out,
                    "200 OK",
                    "Content-Type: " + kept.type(),
                    "Content-Length: " + kept.blob().bytes().length);
            out.write(kept.blob().bytes());
        } else {
            head(out, "404 Not Found", "Content-Length: 0");
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
