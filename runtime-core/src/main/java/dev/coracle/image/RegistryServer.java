package dev.coracle.image;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * One server as one pull talks to it: sends requests, proves who asks when it is asked to, and follows redirects without taking the
 * proof along. Safe for any thread; a call blocks until the answer's head is there.
 */
final class RegistryServer {
    private static final int MAX_REDIRECTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private final RegistryHost host;
    private final HostClient client;
    private final Authorization authorization;

    RegistryServer(RegistryHost host, HostClient client, Authorization authorization) {
        this.host = host;
        this.client = client;
        this.authorization = authorization;
    }

    /**
     * What to get.
     *
     * @param accept media types, comma separated; empty for any
     * @param span if that is not all of it; a server may give all nevertheless
     */
    record Get(URI uri, String accept, Span span) {}

    RegistryHost host() {
        return host;
    }

    /**
     * The answer to a request, with status 200, or 206 where a stretch was asked for and is given.
     *
     * @param tries how often to ask if it says "later" or does not answer, with a pause that doubles from 250 ms
     * @throws HostFailure if it gives anything else
     */
    HostAnswer get(Get get, int tries) throws IOException, InterruptedException {
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

    private HostAnswer once(Get get) throws IOException, InterruptedException {
        HostAnswer response = follow(get);
        if (response.status() == 401) {
            response.discard();
            authorization.answer(response.headers().allValues("WWW-Authenticate"));
            response = follow(get);
        }
        int status = response.status();
        if (status == 200
                || (status == 206
                        && !get.span().isWhole()
                        && startsAt(response, get.span().from()))) {
            return response;
        }
        throw failure(response);
    }

    private static boolean startsAt(HostAnswer response, long offset) {
        return response.header("Content-Range")
                .filter(range -> range.startsWith("bytes " + offset + "-"))
                .isPresent();
    }

    private HostAnswer follow(Get get) throws IOException, InterruptedException {
        URI uri = get.uri();
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HostAnswer response = client.send(request(get, uri));
            Optional<String> location = response.header("Location");
            boolean redirected = response.status() / 100 == 3 && response.status() != 304;
            if (!redirected || location.isEmpty()) {
                return response;
            }
            response.discard();
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

    private HttpRequest.Builder request(Get get, URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (!get.accept().isEmpty()) {
            request.header("Accept", get.accept());
        }
        if (!get.span().isWhole()) {
            request.header("Range", get.span().header());
        }
        if (isOwn(uri)) {
            host.headers().forEach((name, values) -> values.forEach(value -> request.header(name, value)));
            authorization.header().ifPresent(value -> request.setHeader("Authorization", value));
        }
        return request;
    }

    /** Scheme, host and port are the server's own: only there go proofs and configured headers. */
    private boolean isOwn(URI uri) {
        return uri.getScheme().equals(host.base().getScheme())
                && host.base().getAuthority().equals(uri.getAuthority());
    }

    private HostFailure failure(HostAnswer response) {
        int status = response.status();
        HostFailure.Kind kind = switch (status) {
            case 401 -> HostFailure.Kind.UNAUTHENTICATED;
            case 403 -> HostFailure.Kind.FORBIDDEN;
            case 404 -> HostFailure.Kind.NOT_FOUND;
            default -> HostFailure.Kind.UNAVAILABLE;
        };
        String code = response.errorCode();
        return new HostFailure(kind, host, "answered " + status + (code.isEmpty() ? "" : " " + code));
    }
}
