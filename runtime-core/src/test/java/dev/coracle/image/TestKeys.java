package dev.coracle.image;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** A key with a certificate that it has signed itself, made by the JDK's keytool. */
public final class TestKeys {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final String ALIAS = "key";

    private final KeyStore store;

    /** Made when the first test asks for it: that takes a second. */
    private static final class OfThisMachine {
        static final TestKeys KEYS = once();

        private static TestKeys once() {
            try {
                Path work = Files.createTempDirectory("keys");
                Path file = work.resolve("store.p12");
                try {
                    return made(file, "RSA", "ip:127.0.0.1,dns:registry.test");
                } finally {
                    Files.deleteIfExists(file);
                    Files.delete(work);
                }
            } catch (Exception e) {
                throw new IllegalStateException("make keys", e);
            }
        }
    }

    private TestKeys(KeyStore store) {
        this.store = store;
    }

    /** The key of servers at 127.0.0.1, or registry.test behind a proxy: the same for all tests of a JVM. */
    public static TestKeys ofThisMachine() {
        return OfThisMachine.KEYS;
    }

    /**
     * Makes a new key.
     *
     * @param names what the certificate is for, such as {@code ip:127.0.0.1}
     */
    public static TestKeys make(Path work, String algorithm, String names) throws Exception {
        return made(Files.createTempDirectory(work, "keys").resolve("store.p12"), algorithm, names);
    }

    private static TestKeys made(Path file, String algorithm, String names) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-dname",
                        "CN=test",
                        "-validity",
                        "2",
                        "-storepass",
                        new String(PASSWORD),
                        "-keyalg",
                        algorithm,
                        "-ext",
                        "san=" + names,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + output);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new TestKeys(store);
    }

    public Key key() throws GeneralSecurityException {
        return store.getKey(ALIAS, PASSWORD);
    }

    public X509Certificate x509() throws GeneralSecurityException {
        return (X509Certificate) store.getCertificate(ALIAS);
    }

    /** Certificate and key in one PEM file. */
    public Path write(Path file) throws Exception {
        return Files.writeString(file, certificate() + pem("PRIVATE KEY", key().getEncoded()));
    }

    public Path writeCertificate(Path file) throws Exception {
        return Files.writeString(file, certificate());
    }

    private String certificate() throws GeneralSecurityException {
        return pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
    }

    static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    /** A server with this key, that asks its clients for {@code client}'s certificate. */
    public HttpsConfigurator server(TestKeys client) throws Exception {
        return configurator(true, client.store.getCertificate(ALIAS));
    }

    public HttpsConfigurator server() throws Exception {
        return configurator(false, store.getCertificate(ALIAS));
    }

    private HttpsConfigurator configurator(boolean askForClient, Certificate trusted) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("client", trusted);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(askForClient);
                parameters.setSSLParameters(wanted);
            }
        };
    }
}
