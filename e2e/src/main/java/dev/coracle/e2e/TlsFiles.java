package dev.coracle.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** A key, and a certificate for 127.0.0.1, localhost for crictl, that it has signed itself, as a user would have them: PEM. */
public record TlsFiles(Path certificate, Path key) {
    private static final String PASSWORD = "password";
    private static final int LINE = 64;

    /** Makes new ones in a folder. */
    public static TlsFiles make(Path folder) {
        Path store = folder.resolve("store");
        String keytool = Path.of(System.getProperty("java.home"), "bin/keytool").toString();
        String options =
                "-genkeypair -alias node -keyalg EC -dname CN=node -ext SAN=ip:127.0.0.1,dns:localhost -storetype"
                        + " PKCS12";
        var _ = Outcome.of(
                        "sh",
                        "-c",
                        "exec \"$0\" " + options + " -storepass " + PASSWORD + " -keystore \"$1\"",
                        keytool,
                        store.toString())
                .text();
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            return new TlsFiles(
                    pem(
                            folder.resolve("tls.crt"),
                            "CERTIFICATE",
                            keys.getCertificate("node").getEncoded()),
                    pem(
                            folder.resolve("tls.key"),
                            "PRIVATE KEY",
                            keys.getKey("node", PASSWORD.toCharArray()).getEncoded()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("read " + store, e);
        }
    }

    /** The part of Coracle's configuration that has streams go over TLS with these. */
    public String settings() {
        return """
            [stream]
            tls_cert = "%s"
            tls_key = "%s"
            """.formatted(certificate, key);
    }

    private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }
}
