package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.concurrent.ImmediateExecutor;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How connections are encrypted: by BoringSSL, or by Java where that cannot be loaded. Nothing is loaded before the first one is. Safe
 * for any thread.
 */
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    /** Certificates are judged on a thread of their own. */
    private static final Executor APART =
            task -> Thread.ofVirtual().name("http-trust").start(task);

    /**
     * Java has others do more than that: it goes on with the handshake once they are done. A server that refuses what it is offered, and closes,
     * would be gone by then, and its reason with it. So there the event loop does it all.
     */
    private static final Executor AT_ONCE = ImmediateExecutor.INSTANCE;

    /** Looked for when the first connection is to be encrypted; that it is not there is said once. */
    private static final class BoringSsl {
        static final boolean LOADS = loads();

        private static boolean loads() {
            Throwable reason = OpenSsl.unavailabilityCause();
            if (reason != null) {
                LOG.warn(
                        "registries are spoken to by Java's TLS, which takes more CPU: load BoringSSL: {}",
                        Failures.of(reason).getMessage());
            }
            return reason == null;
        }
    }

    private final TrustManager trust;
    private final @Nullable KeyManager keys;
    private final boolean namesCount;
    private final boolean byJava;
    /** By what they offer. */
    private final Map<String, SslContext> contexts = new HashMap<>();

    /**
     * @param trust judges certificates; may take its time
     * @param keys what to show a server that asks for a certificate; null for none
     * @param namesCount a certificate must be for the host that is connected to
     */
    public Tls(TrustManager trust, @Nullable KeyManager keys, boolean namesCount) {
        this(trust, keys, namesCount, false);
    }

    Tls(TrustManager trust, @Nullable KeyManager keys, boolean namesCount, boolean byJava) {
        this.trust = trust;
        this.keys = keys;
        this.namesCount = namesCount;
        this.byJava = byJava;
    }

    /**
     * For one connection.
     *
     * @param protocol what the server is offered (RFC 7301)
     */
    SslHandler handler(ByteBufAllocator buffers, Origin origin, String protocol) throws SSLException {
        SslHandler handler =
                context(protocol).newHandler(buffers, origin.host(), origin.port(), isJavas() ? AT_ONCE : APART);
        // Who waits for the connection knows how long.
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    private boolean isJavas() {
        return byJava || !BoringSsl.LOADS;
    }

    private synchronized SslContext context(String protocol) throws SSLException {
        SslContext there = contexts.get(protocol);
        if (there == null) {
            there = make(protocol);
            contexts.put(protocol, there);
        }
        return there;
    }

    private SslContext make(String protocol) throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(isJavas() ? SslProvider.JDK : SslProvider.OPENSSL)
                .trustManager(trust)
                .keyManager(keys)
                .endpointIdentificationAlgorithm(namesCount ? "HTTPS" : null)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocol))
                .build();
    }
}
