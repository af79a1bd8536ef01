package dev.coracle.http;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What went wrong on the event loop, for whoever waits: an IOException that says why. */
final class Failures {
    private static final int WORDS_MAX = 300;

    /** What BoringSSL has before the name of an error, and netty before the kernel's words. */
    private static final String BORINGSSL = "error:[0-9a-f]+:SSL routines:OPENSSL_internal:";

    private static final String SYSTEM_CALL = "\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ";

    /** The alert of a server that does not speak what it is offered (RFC 7301, 3.2), in words of BoringSSL's and of Java's. */
    private static final Pattern OTHER_PROTOCOL = Pattern.compile("(?i)alert[:_ ]*no_application_protocol");

    private Failures() {}

    static boolean isOtherProtocol(IOException failure) {
        return OTHER_PROTOCOL.matcher(String.valueOf(failure.getMessage())).find();
    }

    /** A new one each time, so that it may be thrown by several threads. */
    static IOException of(Throwable failure) {
        return new IOException(words(failure), failure);
    }

    private static String words(Throwable failure) {
        String words = Stream.concat(
                        first(failure, CertificateException.class).stream(),
                        Throwables.getCausalChain(failure).stream())
                .map(Failures::wordsOf)
                .filter(text -> !text.isBlank())
                .findFirst()
                .orElseGet(() -> failure.getClass().getSimpleName());
        return words.substring(0, Math.min(words.length(), WORDS_MAX));
    }

    /** Certificates are judged behind several layers, each with words of its own. */
    private static Optional<Throwable> first(Throwable failure, Class<? extends Throwable> type) {
        return Throwables.getCausalChain(failure).stream()
                .filter(type::isInstance)
                .findFirst();
    }

    private static String wordsOf(Throwable failure) {
        if (failure instanceof ClosedChannelException) {
            return "the connection was closed";
        }
        String words = failure.getMessage();
        Throwable cause = failure.getCause();
        boolean borrowed = cause != null && cause.toString().equals(words);
        return words == null || borrowed
                ? ""
                : words.replaceFirst(BORINGSSL, "TLS: ").replaceFirst(SYSTEM_CALL, "");
    }
}
