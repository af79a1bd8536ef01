package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP client for each kind of server, kept with its open connections between pulls. HTTP/1.1 only: layers and stretches of them are
 * fetched side by side, and each of its own connection's decryption runs on its own core, where HTTP/2 would put all on one. Safe for any
 * thread.
 */
final class HttpClients implements AutoCloseable {
    private static final int KEPT = 16;

    static {
        // Else the JDK's client would not tell a proxy who asks when it is to open a tunnel. Read when the client's
        // classes are loaded.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }

    /** A file that is written anew makes another kind. */
    private record Kind(TlsSettings tls, Duration dialTimeout, List<FileTime> written) {
        static Kind of(RegistryHost host) throws IOException {
            List<FileTime> written = new ArrayList<>();
            for (Path file : host.tls().files().toList()) {
                written.add(Files.getLastModifiedTime(file));
            }
            return new Kind(host.tls(), host.dialTimeout(), written);
        }
    }

    private final Proxies proxies;
    private final StallTimer stalls;
    private final Map<Kind, HttpClient> clients = new HashMap<>();

    HttpClients(Proxies proxies, StallTimer stalls) {
        this.proxies = proxies;
        this.stalls = stalls;
    }

    /** @throws Unavailable if certificates or keys cannot be read */
    synchronized HostClient clientFor(RegistryHost host) {
        if (clients.size() > KEPT) {
            // What still runs on one of them runs to its end.
            clients.clear();
        }
        try {
            Kind kind = Kind.of(host);
            HttpClient client = clients.get(kind);
            if (client == null) {
                client = make(kind);
                clients.put(kind, client);
            }
            return new HostClient(client, proxies, stalls);
        } catch (IOException | GeneralSecurityException e) {
            throw new Unavailable("read certificates and keys for " + host.name(), e.toString(), e);
        }
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        clients.clear();
    }

    private HttpClient make(Kind kind) throws IOException, GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys(kind.tls().clients()), new TrustManager[] {new Trust(kind.tls())}, null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(kind.dialTimeout())
                .proxy(proxies)
                .sslContext(tls)
                .build();
    }

    private static KeyManager @Nullable [] keys(List<TlsSettings.ClientPair> pairs)
            throws IOException, GeneralSecurityException {
        if (pairs.isEmpty()) {
            return null;
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (TlsSettings.ClientPair pair : pairs) {
            Certificate[] chain = PemFile.certificates(pair.certificate()).toArray(Certificate[]::new);
            store.setKeyEntry("k" + store.size(), PemFile.privateKey(pair.key()), new char[0], chain);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }
}
