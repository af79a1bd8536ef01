package dev.coracle.cri;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.image.ArchiveContent;
import dev.coracle.image.Digest;
import dev.coracle.image.ImageArchive;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A registry on a loopback port of its own that offers what is in an archive, to whoever knows its secret path: other users of this
 * machine must not read the images. Safe for any thread.
 */
final class ArchiveRegistry implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})?");
    private static final int BUFFER_BYTES = 256 << 10;

    private final ImageArchive archive;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final String secret = "/" + UUID.randomUUID();
    private final AtomicLong sent = new AtomicLong();
    private volatile Optional<Digest> tagged = Optional.empty();

    ArchiveRegistry(ImageArchive archive) {
        this.archive = archive;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new Unavailable("listen on loopback", String.valueOf(e.getMessage()), e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** What to pull from. */
    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + secret);
    }

    /** From now on this is what every tag means. */
    void tag(Digest manifest) {
        tagged = Optional.of(manifest);
        sent.set(0);
    }

    /** Bytes of content since {@link #tag}. */
    long sent() {
        return sent.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String kind = path.contains("/manifests/") ? "/manifests/" : "/blobs/";
            Optional<ArchiveContent> content = path.startsWith(secret + "/") && path.contains(kind)
                    ? content(path.substring(path.lastIndexOf('/') + 1))
                    : Optional.empty();
            if (content.isEmpty()) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                send(exchange, content.get());
            }
        }
    }

    private Optional<ArchiveContent> content(String selector) throws IOException {
        Optional<Digest> digest = tagged;
        if (selector.contains(":")) {
            try {
                digest = Optional.of(Digest.parse(selector));
            } catch (InvalidSpec e) {
                return Optional.empty();
            }
        }
        return digest.isPresent() ? archive.blob(digest.get()) : Optional.empty();
    }

    private void send(HttpExchange exchange, ArchiveContent content) throws IOException {
        long first = 0;
        long end = content.size();
        String wanted = exchange.getRequestHeaders().getFirst("Range");
        Matcher range = RANGE.matcher(wanted == null ? "" : wanted);
        boolean partial = range.matches() && Long.parseLong(range.group(1)) < end;
        if (partial) {
            first = Long.parseLong(range.group(1));
            end = range.group(2) == null ? end : Math.min(end, Long.parseLong(range.group(2)) + 1);
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + first + "-" + (end - 1) + "/" + content.size());
        }
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.size()));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(partial ? 206 : 200, end == first ? -1 : end - first);
        try (InputStream in = content.from(first)) {
            copy(in, exchange.getResponseBody(), end - first);
        }
    }

    private void copy(InputStream in, OutputStream out, long length) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (long left = length; left > 0; ) {
            int step = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (step < 0) {
                throw new IOException("the archive is shorter than it was");
            }
            out.write(buffer, 0, step);
            left -= step;
            sent.addAndGet(step);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
