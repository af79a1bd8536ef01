package dev.coracle.image;

import dev.coracle.http.Request;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One server as one pull talks to it: sends requests, proves who asks when it is asked to, and follows redirects without taking the
 * proof along. Where a blob was found by a redirect, its next stretch is asked for at once, as long as that works. Safe for any thread; a
 * call blocks until the answer's head is there.
 */
final class RegistryServer {
    private static final int MAX_REDIRECTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final int BAD_RANGE = 416;

    private final RegistryHost host;
    private final HostClient client;
    private final Authorization authorization;
    /** Where this server has sent requests for blobs on to. */
    private final Map<URI, URI> targets = new ConcurrentHashMap<>();

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
    record Get(URI uri, String accept, Span span) {
        /** A server that does not give the stretch may be asked for all instead: not much is thrown away, or there is no other way on. */
        boolean mayBeWhole() {
            return !span.isWhole() && (span.from() == 0 || span.isOpen());
        }

        Get whole() {
            return new Get(uri, accept, Span.WHOLE);
        }
    }

    RegistryHost host() {
        return host;
    }

    /**
     * The answer to a request, with status 200, or 206 where a stretch was asked for and is given. A server that has failed to give a stretch
     * from the beginning or up to the end is asked for all.
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
                return whole(get, failure);
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2);
        }
    }

    private HostAnswer whole(Get get, HostFailure failure) throws IOException, InterruptedException {
        boolean refused =
                failure.kind() == HostFailure.Kind.UNAVAILABLE || failure.kind() == HostFailure.Kind.FORBIDDEN;
        if (get.mayBeWhole() && failure.answered() && refused) {
            return once(get.whole());
        }
        throw failure;
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
        HostFailure failure = failure(get, response);
        if (status == BAD_RANGE && get.mayBeWhole()) {
            return once(get.whole());
        }
        throw failure;
    }

    private static boolean startsAt(HostAnswer response, long offset) {
        return response.header("Content-Range")
                .filter(range -> range.startsWith("bytes " + offset + "-"))
                .isPresent();
    }

    /** From where an earlier request for the same was sent; nothing if that does not do any more. */
    private Optional<HostAnswer> again(Get get) throws InterruptedException {
        URI target = targets.get(get.uri());
        if (target == null) {
            return Optional.empty();
        }
        try {
            HostAnswer response = client.send(request(get, target));
            if (response.isContent()) {
                return Optional.of(response);
            }
            response.discard();
        } catch (IOException e) {
            // The server may know another place.
        }
        targets.remove(get.uri(), target);
        return Optional.empty();
    }

    private HostAnswer follow(Get get) throws IOException, InterruptedException {
        Optional<HostAnswer> known = again(get);
        if (known.isPresent()) {
            return known.get();
        }
        URI uri = get.uri();
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HostAnswer response = client.send(request(get, uri));
            Optional<String> location = response.header("Location");
            boolean redirected = response.status() / 100 == 3 && response.status() != 304;
            if (!redirected || location.isEmpty()) {
                if (i > 0 && get.accept().isEmpty() && response.isContent()) {
                    targets.put(get.uri(), uri);
                }
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

    private Request request(Get get, URI uri) {
        Request request = Request.get(uri);
        if (!get.accept().isEmpty()) {
            request.set("Accept", get.accept());
        }
        if (!get.span().isWhole()) {
            request.set("Range", get.span().header());
        }
        if (isOwn(uri)) {
            host.headers().forEach((name, values) -> values.forEach(value -> request.add(name, value)));
            authorization.header().ifPresent(value -> request.set("Authorization", value));
        }
        return request;
    }

    /** Scheme, host and port are the server's own: only there go proofs and configured headers. */
    private boolean isOwn(URI uri) {
        return uri.getScheme().equals(host.base().getScheme())
                && host.base().getAuthority().equals(uri.getAuthority());
    }

    private HostFailure failure(Get get, HostAnswer response) {
        int status = response.status();
        HostFailure.Kind kind = switch (status) {
            case 401 -> HostFailure.Kind.UNAUTHENTICATED;
            case 403 -> HostFailure.Kind.FORBIDDEN;
            case 404 -> HostFailure.Kind.NOT_FOUND;
            default -> HostFailure.Kind.UNAVAILABLE;
        };
        String code = response.errorCode();
        String blob =
                get.accept().isEmpty() ? " for blob " + get.uri().toString().replaceFirst(".*/", "") : "";
        return new HostFailure(kind, host, "answered " + status + (code.isEmpty() ? "" : " " + code) + blob);
    }
}
