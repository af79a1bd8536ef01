package dev.coracle.http;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** What is asked of a server. Confined to one thread; may be sent more than once. */
public final class Request {
    private final HttpMethod method;
    private final URI uri;
    private final String form;
    private final HttpHeaders headers = new DefaultHttpHeaders();

    private Request(HttpMethod method, URI uri, String form) {
        this.method = method;
        this.uri = uri;
        this.form = form;
    }

    /**
     * Asks for what is there.
     *
     * @param uri absolute, http or https, with a host
     */
    public static Request get(URI uri) {
        return new Request(HttpMethod.GET, uri, "");
    }

    /**
     * Hands a form in.
     *
     * @param form encoded, in ASCII
     */
    public static Request post(URI uri, String form) {
        return new Request(HttpMethod.POST, uri, form).set("Content-Type", "application/x-www-form-urlencoded");
    }

    public URI uri() {
        return uri;
    }

    /**
     * Beside what was there by this name.
     *
     * @throws IllegalArgumentException if name or value would not stay within their line
     */
    public Request add(String name, String value) {
        headers.add(name, value);
        return this;
    }

    /** Instead of what was there by this name. */
    public Request set(String name, String value) {
        headers.set(name, value);
        return this;
    }

    /** Asked twice it does what it does asked once (RFC 9110, 9.2.2). */
    boolean isIdempotent() {
        return method.equals(HttpMethod.GET);
    }

    /** As it goes to this origin. */
    FullHttpRequest message(Origin origin) {
        FullHttpRequest message = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                method,
                origin.isRelayed() ? uri.getScheme() + "://" + authority() + target() : target(),
                Unpooled.copiedBuffer(form, StandardCharsets.US_ASCII));
        message.headers().set(headers).remove(HttpHeaderNames.CONTENT_LENGTH);
        if (!headers.contains(HttpHeaderNames.HOST)) {
            message.headers().set(HttpHeaderNames.HOST, authority());
        }
        if (!form.isEmpty()) {
            message.headers().set(HttpHeaderNames.CONTENT_LENGTH, form.length());
        }
        if (origin.isRelayed()) {
            origin.proof().ifPresent(proof -> message.headers().set(HttpHeaderNames.PROXY_AUTHORIZATION, proof));
        }
        return message;
    }

    private String authority() {
        return uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    private String target() {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }
}
