package dev.coracle.image;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One request as a server has seen it. */
public record AskedRequest(String method, URI uri, Map<String, List<String>> headers, String body) {
    /** Reads its body, which there is only once. */
    static AskedRequest of(HttpExchange exchange) throws IOException {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(exchange.getRequestHeaders());
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        return new AskedRequest(exchange.getRequestMethod(), exchange.getRequestURI(), headers, body);
    }

    public String path() {
        return uri.getPath();
    }

    /** Its first value; empty where there is none. */
    public String header(String name) {
        return headers.getOrDefault(name, List.of("")).getFirst();
    }

    public String authorization() {
        return header("Authorization");
    }

    /** Method and address, without what proves who asks. */
    @Override
    public String toString() {
        return method + " " + uri;
    }
}
