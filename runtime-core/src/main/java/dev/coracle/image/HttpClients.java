package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.http.Network;
import dev.coracle.http.Tls;
import dev.coracle.http.WebClient;
import java.io.IOException;
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
import org.jspecify.annotations.Nullable;

/** One HTTP client for each kind of server, kept with its open connections between pulls. Safe for any thread. */
final class HttpClients implements AutoCloseable {
    private static final int KEPT = 16;

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
    private final Network network = new Network();
    private final Map<Kind, WebClient> clients = new HashMap<>();

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
            WebClient client = clients.get(kind);
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
    public void close() {
        network.close();
    }

    private WebClient make(Kind kind) throws IOException, GeneralSecurityException {
        Tls tls = new Tls(
                new Trust(kind.tls()), keys(kind.tls().clients()), !kind.tls().skipVerify());
        return new WebClient(network, tls, kind.dialTimeout());
    }

    private static @Nullable KeyManager keys(List<TlsSettings.ClientPair> pairs)
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
        return factory.getKeyManagers()[0];
    }
}
