package dev.coracle.e2e.bench;

import dev.coracle.http.Network;
import dev.coracle.http.Request;
import dev.coracle.http.Tls;
import dev.coracle.http.WebClient;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * What it costs to fetch a blob over TLS with one HTTP client or the other: what docs/decisions/0012-the-http-client.md goes by. To be run with
 * the daemon's options for Java (deploy/tree/bin/coracle). Any certificate will do.
 *
 * <p>Arguments: {@code coracle} (the daemon's own), {@code jdk-1}, {@code jdk-2} (HTTP/2), {@code netty} (HTTP/1.1, TLS by BoringSSL and no more
 * than has to be) or {@code netty-jdk}; the blob's address; how
 * many bytes to fetch; over how many connections at once, in stretches of 4 MiB if more than one.
 */
public final class ClientBench {
    static final long STRETCH = 4 << 20;
    private static final int ROUNDS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Fetches a stretch after the other until there are none. */
    interface Fetch {
        /** Returns when all connections are done. */
        void run(Stretches stretches, int connections) throws Exception;
    }

    private ClientBench() {}

    /** Hands out what is still to be fetched, and counts what came. */
    static final class Stretches {
        private final long size;
        private final long length;
        private final AtomicLong next = new AtomicLong();
        private final AtomicLong count = new AtomicLong();

        Stretches(long size, int connections) {
            this.size = size;
            this.length = connections == 1 ? size : STRETCH;
        }

        /** A Range header's value; empty when nothing is left. */
        String next() {
            long from = next.getAndAdd(length);
            return from >= size ? "" : "bytes=" + from + "-" + (Math.min(size, from + length) - 1);
        }

        void came(long bytes) {
            count.addAndGet(bytes);
        }
    }

    public static void main(String[] arguments) throws Exception {
        URI blob = URI.create(arguments[1]);
        int connections = Integer.parseInt(arguments[3]);
        Fetch fetch = switch (arguments[0]) {
            case "coracle" -> own(blob);
            case "netty", "netty-jdk" -> new NettyFetch(blob, arguments[0].endsWith("jdk"));
            default -> jdk(blob, arguments[0].endsWith("2"));
        };
        for (int i = 0; i < ROUNDS; i++) {
            Stretches stretches = new Stretches(Long.parseLong(arguments[2]), connections);
            long begin = System.nanoTime();
            long cpu = PullBench.cpuNanos(ProcessHandle.current().pid());
            fetch.run(stretches, connections);
            System.out.printf(
                    Locale.ROOT,
                    "%s, connections %d, round %d: %d MiB, %.1f s, CPU %.2f s, %s%n",
                    arguments[0],
                    connections,
                    i + 1,
                    stretches.count.get() >> 20,
                    (System.nanoTime() - begin) / 1e9,
                    (PullBench.cpuNanos(ProcessHandle.current().pid()) - cpu) / 1e9,
                    peak());
        }
        System.exit(0);
    }

    private static String peak() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElse("")
                .replaceAll("\\s+", " ");
    }

    /** By java.net.http. */
    private static Fetch jdk(URI blob, boolean second) throws GeneralSecurityException {
        HttpClient client = client(second);
        return new ReadingFetch(range -> client.send(
                        HttpRequest.newBuilder(blob).header("Range", range).build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .body());
    }

    private static HttpClient client(boolean second) throws GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        // Else the host's name would be checked.
        System.setProperty("jdk.internal.httpclient.disableHostnameVerification", "true");
        tls.init(null, new TrustManager[] {new TrustAll()}, null);
        return HttpClient.newBuilder()
                .version(second ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .build();
    }

    /** By what the daemon pulls with: HTTP/1.1 with a registry that speaks it. */
    private static Fetch own(URI blob) {
        Tls tls = new Tls(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null, false);
        WebClient client = new WebClient(new Network(), tls, PATIENCE);
        return new ReadingFetch(range -> client.send(Request.get(blob).set("Range", range), Optional.empty(), PATIENCE)
                .body());
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
            return List.<java.security.cert.X509Certificate>of().toArray(java.security.cert.X509Certificate[]::new);
        }
    }
}
