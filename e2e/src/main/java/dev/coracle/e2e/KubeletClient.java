package dev.coracle.e2e;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks a kubelet over its own HTTPS port, as an API server does; the kubelet's certificate is its own make and not looked at. */
public final class KubeletClient {
    private final HttpClient http;
    private final int port;

    KubeletClient(int port) {
        this.port = port;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .sslContext(trusting())
                .build();
    }

    private static SSLContext trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("prepare TLS: " + e.getMessage(), e);
        }
    }

    /** The body of an answer with status 200; nothing for any other status, or when nobody answers. */
    public Optional<String> answer(String path) {
        try {
            HttpResponse<String> response = send(path);
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The body; an error for any other status than 200. */
    public String get(String path) {
        try {
            HttpResponse<String> response = send(path);
            if (response.statusCode() != 200) {
                throw new IllegalStateException("get " + path + ": " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("get " + path, e);
        }
    }

    /** A WebSocket that speaks this protocol; what comes is the listener's. */
    public WebSocket open(String path, String protocol, WebSocket.Listener listener) {
        return http.newWebSocketBuilder()
                .subprotocols(protocol)
                .buildAsync(URI.create("wss://127.0.0.1:" + port + path), listener)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    /** A connection for what an HTTP client does not speak. */
    public Socket connect() {
        try {
            return http.sslContext().getSocketFactory().createSocket("127.0.0.1", port);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("connect to the kubelet", e);
        }
    }

    private HttpResponse<String> send(String path) throws IOException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(30))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
