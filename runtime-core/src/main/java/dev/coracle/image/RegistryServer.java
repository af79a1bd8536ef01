package dev.coracle.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One server as one pull talks to it: sends requests, proves who asks when it is asked to, and follows redirects without taking the
 * proof along. Safe for any thread; a call blocks until the answer's head is there.
 */
final class RegistryServer {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_ERROR_BYTES = 4096;
    private static final Pattern ERROR_CODE = Pattern.compile("\"code\"\\s*:\\s*\"([A-Z_]{3,40})\"");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private final RegistryHost host;
    private final HttpClient client;
    private final Authorization authorization;
    private final Duration timeout;

    RegistryServer(RegistryHost host, HttpClient client, Authorization authorization, Duration timeout) {
        this.host = host;
        this.client = client;
        this.authorization = authorization;
        this.timeout = timeout;
    }

    /**
     * What to get.
     *
     * @param accept media types, comma separated; empty for any
     * @param offset in bytes; more than 0 asks for the rest only
     */
    record Get(URI uri, String accept, long offset) {}

    RegistryHost host() {
        return host;
    }

    /**
     * The answer to a request, with status 200, or 206 where a rest was asked for and is given.
     *
     * @param tries how often to ask if it says "later" or does not answer, with a pause that doubles from 250 ms
     * @throws HostFailure if it gives anything else
     */
    HttpResponse<InputStream> get(Get get, int tries) throws IOException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int left = tries; ; left--) {
            HostFailure failure;
            try {
                return once(get);
            } catch (HostFailure e) {
                failure = e;
            } catch (IOException e) {
                failure = new HostFailure(host, e);
            }
            if (left <= 1 || failure.kind() != HostFailure.Kind.UNAVAILABLE) {
                throw failure;
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2);
        }
    }

    private HttpResponse<InputStream> once(Get get) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = follow(get);
        if (response.statusCode() == 401) {
            response.body().close();
            authorization.answer(response.headers().allValues("WWW-Authenticate"));
            response = follow(get);
        }
        int status = response.statusCode();
        if (status == 200 || (status == 206 && startsAt(response, get.offset()))) {
            return response;
        }
        throw failure(response);
    }

    private static boolean startsAt(HttpResponse<InputStream> response, long offset) {
        return response.headers()
                .firstValue("Content-Range")
                .filter(range -> range.startsWith("bytes " + offset + "-"))
                .isPresent();
    }

    private HttpResponse<InputStream> follow(Get get) throws IOException, InterruptedException {
        URI uri = get.uri();
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpResponse<InputStream> response =
                    client.send(request(get, uri), HttpResponse.BodyHandlers.ofInputStream());
            Optional<String> location = response.headers().firstValue("Location");
            boolean redirected = response.statusCode() / 100 == 3 && response.statusCode() != 304;
            if (!redirected || location.isEmpty()) {
                return response;
            }
            response.body().close();
            uri = target(uri, location.get());
        }
        throw new HostFailure(HostFailure.Kind.UNAVAILABLE, host, "redirects more than " + MAX_REDIRECTS + " times");
    }

    private URI target(URI from, String location) throws HostFailure {
        try {
            URI target = from.resolve(location);
            boolean web = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
            if (web && target.getHost() != null && target.getUserInfo() == null) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            // Said below; the address itself may hold a signature and is not passed on.
        }
        throw new HostFailure(HostFailure.Kind.UNAVAILABLE, host, "redirects to what is no http or https address");
    }

    private HttpRequest request(Get get, URI uri) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(timeout).header("User-Agent", "coracle");
        if (!get.accept().isEmpty()) {
            request.header("Accept", get.accept());
        }
        if (get.offset() > 0) {
            request.header("Range", "bytes=" + get.offset() + "-");
        }
        if (isOwn(uri)) {
            host.headers().forEach((name, values) -> values.forEach(value -> request.header(name, value)));
            authorization.header().ifPresent(value -> request.setHeader("Authorization", value));
        }
        return request.build();
    }

    /** Scheme, host and port are the server's own: only there go proofs and configured headers. */
    private boolean isOwn(URI uri) {
        return uri.getScheme().equals(host.base().getScheme())
                && host.base().getAuthority().equals(uri.getAuthority());
    }

    private HostFailure failure(HttpResponse<InputStream> response) {
        int status = response.statusCode();
        HostFailure.Kind kind = switch (status) {
            case 401 -> HostFailure.Kind.UNAUTHENTICATED;
            case 403 -> HostFailure.Kind.FORBIDDEN;
            case 404 -> HostFailure.Kind.NOT_FOUND;
            default -> HostFailure.Kind.UNAVAILABLE;
        };
        return new HostFailure(kind, host, "answered " + status + errorCode(response));
    }

    /** The code that registries put into the body of an error, such as {@code TOOMANYREQUESTS}. */
    private static String errorCode(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            Matcher matcher = ERROR_CODE.matcher(
                    new String(body.readNBytes(MAX_ERROR_BYTES), java.nio.charset.StandardCharsets.UTF_8));
            return matcher.find() ? " " + matcher.group(1) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
