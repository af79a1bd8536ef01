package dev.coracle.stream;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the server is: its certificate, with those between it and a root, and the key to it. What is wrong with them is found when the
 * daemon starts, rather than by the first client.
 */
record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

    private static final String CERTIFICATE = "stream.tls_cert";
    private static final String KEY = "stream.tls_key";

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END \\1PRIVATE KEY-----");

    /**
     * @throws InvalidSpec naming the setting, if a file cannot be read, is not of its kind, or one does not fit the other
     */
    static TlsIdentity read(StreamSettings.Tls files) {
        List<X509Certificate> chain = certificates(files.certificate());
        PublicKey known = chain.getFirst().getPublicKey();
        PrivateKey key = key(files.key(), known.getAlgorithm());
        if (!belongTogether(known, key)) {
            throw new InvalidSpec(KEY, files.key() + " is not the key to the certificate in " + files.certificate());
        }
        return new TlsIdentity(chain, key);
    }

    TlsIdentity {
        chain = List.copyOf(chain);
    }

    SslContext context() {
        try {
            return SslContextBuilder.forServer(key, chain)
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException e) {
            throw new InvalidSpec(CERTIFICATE, "cannot be used: " + e.getMessage());
        }
    }

    private static List<X509Certificate> certificates(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (chain.isEmpty()) {
                throw new InvalidSpec(CERTIFICATE, file + " holds no certificate in PEM");
            }
            warnIfNotValidNow(file, chain.getFirst());
            return chain;
        } catch (IOException e) {
            throw unreadable(CERTIFICATE, file, e);
        } catch (GeneralSecurityException e) {
            throw new InvalidSpec(CERTIFICATE, file + " holds no certificate in PEM: " + e.getMessage());
        }
    }

    /** Streams may be lost for it, but not the node. */
    private static void warnIfNotValidNow(Path file, X509Certificate certificate) {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            LOG.warn("{}: {} is not valid now, and clients may refuse it: {}", CERTIFICATE, file, e.getMessage());
        }
    }

    private static PrivateKey key(Path file, String algorithm) {
        try {
            Matcher pem = PEM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
            if (!pem.find() || !pem.group(1).isEmpty()) {
                throw new InvalidSpec(
                        KEY,
                        file + " holds no key in PEM and PKCS #8 without a password; "
                                + "make one of another form by openssl pkcs8 -topk8 -nodes");
            }
            byte[] bytes = Base64.getMimeDecoder().decode(pem.group(2));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (IOException e) {
            throw unreadable(KEY, file, e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidSpec(
                    KEY, file + " holds no " + algorithm + " key, which the certificate asks for: " + e.getMessage());
        }
    }

    private static InvalidSpec unreadable(String setting, Path file, IOException e) {
        String reason = e instanceof NoSuchFileException ? "there is no such file" : String.valueOf(e.getMessage());
        return new InvalidSpec(setting, "read " + file + ": " + reason);
    }

    /** What the one signs the other must know. */
    private static boolean belongTogether(PublicKey known, PrivateKey key) {
        String algorithm = switch (known.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> known.getAlgorithm();
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            byte[] said = algorithm.getBytes(StandardCharsets.US_ASCII);
            signature.update(said);
            byte[] signed = signature.sign();
            signature.initVerify(known);
            signature.update(said);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
