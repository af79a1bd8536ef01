package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP client for each kind of server, kept with its open connections between pulls. HTTP/1.1 only: layers are fetched side
 * by side, and each of its own connection's decryption runs on its own core, where HTTP/2 would put all on one. Safe for any
 * thread.
 */
final class HttpClients implements AutoCloseable {
    private static final int KEPT = 16;
    private static final List<Path> SYSTEM_AUTHORITIES =
            List.of(Path.of("/etc/ssl/certs/ca-certificates.crt"), Path.of("/etc/pki/tls/certs/ca-bundle.crt"));

    /** A file of certificates that is written anew makes another kind. */
    private record Kind(TlsSettings tls, Duration dialTimeout, List<FileTime> written) {
        static Kind of(RegistryHost host) throws IOException {
            List<FileTime> written = new ArrayList<>();
            for (Path file : host.tls().authorities()) {
                written.add(Files.getLastModifiedTime(file));
            }
            return new Kind(host.tls(), host.dialTimeout(), written);
        }
    }

    private final Map<Kind, HttpClient> clients = new HashMap<>();

    /** @throws Unavailable if the certificates to trust cannot be read */
    synchronized HttpClient clientFor(RegistryHost host) {
        if (clients.size() > KEPT) {
            // What still runs on one of them runs to its end.
            clients.clear();
        }
        try {
            return clients.computeIfAbsent(Kind.of(host), HttpClients::make);
        } catch (IOException e) {
            throw new Unavailable("read the certificates to trust for " + host.name(), e.toString(), e);
        }
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        clients.clear();
    }

    private static HttpClient make(Kind kind) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(kind.dialTimeout());
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust(kind.tls()), null);
            return builder.sslContext(tls).build();
        } catch (IOException | GeneralSecurityException e) {
            throw new Unavailable("read the certificates to trust", e.toString(), e);
        }
    }

    private static TrustManager[] trust(TlsSettings tls) throws IOException, GeneralSecurityException {
        if (tls.skipVerify()) {
            return new TrustManager[] {new TrustAll()};
        }
        List<Path> files = new ArrayList<>(tls.authorities());
        SYSTEM_AUTHORITIES.stream().filter(Files::isReadable).findFirst().ifPresent(files::add);
        boolean onlyJdk = files.size() == tls.authorities().size();
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                for (Certificate certificate :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    trusted.setCertificateEntry("c" + trusted.size(), certificate);
                }
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(onlyJdk && files.isEmpty() ? null : trusted);
        return factory.getTrustManagers();
    }

    /** For {@code skip_verify}. Being of the extended kind, it also stands in for the check of the host's name. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
