package dev.coracle.image;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates are believed. The machine's authorities, some 150, are read when the first certificate is to be judged: a registry
 * without encryption never waits for that. Safe for any thread.
 */
final class Trust extends X509ExtendedTrustManager {
    private static final List<Path> SYSTEM_AUTHORITIES =
            List.of(Path.of("/etc/ssl/certs/ca-certificates.crt"), Path.of("/etc/pki/tls/certs/ca-bundle.crt"));

    private final TlsSettings settings;
    private @Nullable X509ExtendedTrustManager loaded;

    Trust(TlsSettings settings) {
        this.settings = settings;
    }

    private synchronized X509ExtendedTrustManager loaded() throws CertificateException {
        X509ExtendedTrustManager there = loaded;
        if (there == null) {
            try {
                there = load(settings);
            } catch (IOException | GeneralSecurityException e) {
                throw new CertificateException("read the certificates to trust: " + e.getMessage(), e);
            }
            loaded = there;
        }
        return there;
    }

    private static X509ExtendedTrustManager load(TlsSettings settings) throws IOException, GeneralSecurityException {
        List<Path> files = new ArrayList<>(settings.authorities());
        SYSTEM_AUTHORITIES.stream().filter(Files::isReadable).findFirst().ifPresent(files::add);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        for (Path file : files) {
            for (Certificate certificate : PemFile.certificates(file)) {
                trusted.setCertificateEntry("c" + trusted.size(), certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        // Where there is nothing else, those that come with Java.
        factory.init(files.isEmpty() ? null : trusted);
        return Stream.of(factory.getTrustManagers())
                .<TrustManager>map(manager -> manager)
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("this Java has no X.509 trust manager"));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("no client is served here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("no client is served here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("no client is served here");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        if (!settings.skipVerify()) {
            loaded().checkServerTrusted(chain, type, socket);
        }
    }

    /** Being of the extended kind, it also decides about the host's name. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        if (!settings.skipVerify()) {
            loaded().checkServerTrusted(chain, type, engine);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        if (!settings.skipVerify()) {
            loaded().checkServerTrusted(chain, type);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
