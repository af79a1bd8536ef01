package dev.coracle.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads certificates and private keys as they are kept for TLS (RFC 7468). */
final class PemFile {
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\n?");
    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN (|RSA |EC |ENCRYPTED )PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int CURVE = 0xa0;
    private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private PemFile() {}

    /** All certificates of a file, whatever else is in it. */
    static Collection<? extends Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String only =
                CERTIFICATE.matcher(text).results().map(MatchResult::group).collect(Collectors.joining("\n"));
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream((only.isEmpty() ? text : only).getBytes(StandardCharsets.ISO_8859_1)));
    }

    /**
     * The first private key in a file: PKCS#8 of any algorithm, PKCS#1 of RSA, or SEC1 of elliptic curves, none of them encrypted.
     *
     * @throws GeneralSecurityException if there is none that can be used
     */
    static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        Matcher key = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!key.find()) {
            throw new GeneralSecurityException(file + " holds no private key");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(key.group(2));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(file + " holds no private key", e);
        }
        return switch (key.group(1)) {
            case "RSA " -> key("RSA", sequence(VERSION_0, RSA, element(OCTETS, der)));
            case "EC " -> key("EC", sequence(VERSION_0, sequence(EC, curve(der)), element(OCTETS, der)));
            case "" -> anyKey(file, der);
            default -> throw new GeneralSecurityException(file + " holds an encrypted key, which is not supported");
        };
    }

    private static PrivateKey anyKey(Path file, byte[] der) throws GeneralSecurityException {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return key(algorithm, der);
            } catch (GeneralSecurityException e) {
                // The next one may take it.
            }
        }
        throw new GeneralSecurityException(file + " holds a key that is neither of RSA nor of an elliptic curve");
    }

    private static PrivateKey key(String algorithm, byte[] der) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    /** The name of the curve, which SEC1 (RFC 5915) has behind version and key: a sequence, an integer, octets, and then it. */
    private static byte[] curve(byte[] der) throws GeneralSecurityException {
        try {
            int at = der[1] < 0 ? 2 + (der[1] & 0x7f) : 2;
            while ((der[at] & 0xff) != CURVE) {
                at += 2 + der[at + 1];
            }
            byte[] name = new byte[der[at + 1]];
            System.arraycopy(der, at + 2, name, 0, name.length);
            return name;
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new GeneralSecurityException("a key of an elliptic curve does not name its curve", e);
        }
    }

    private static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return element(SEQUENCE, all.toByteArray());
    }

    /** Tag, length, content (X.690, 8.1). */
    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        if (content.length < 0x80) {
            all.write(content.length);
        } else {
            all.write(0x82);
            all.write(content.length >> 8);
            all.write(content.length);
        }
        all.writeBytes(content);
        return all.toByteArray();
    }
}
