package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Denied;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A registry as one pull sees it: several servers that are asked in turn, mirrors first. A server that failed comes last from then
 * on. Safe for any thread.
 */
final class Registry {
    /** How often the last server is asked, behind which there is none. */
    private static final int LAST_TRIES = 3;

    private final Reference reference;
    private final PullLimits limits;
    private final StallTimer stalls;
    private final List<RegistryServer> servers;

    /** @param servers at least one, in the order in which to ask them */
    Registry(Reference reference, PullLimits limits, StallTimer stalls, List<RegistryServer> servers) {
        this.reference = reference;
        this.limits = limits;
        this.stalls = stalls;
        this.servers = new ArrayList<>(servers);
    }

    /** A manifest or a configuration, and the digest of its bytes. */
    static final class Document {
        private final byte[] bytes;
        private final Digest digest;

        private Document(byte[] bytes, Digest digest) {
            this.bytes = bytes;
            this.digest = digest;
        }

        byte[] bytes() {
            return bytes;
        }

        Digest digest() {
            return digest;
        }
    }

    /** A blob's bytes on their way, and where they come from. */
    record Opened(RegistryServer server, InputStream stream) {}

    /** One request to one server. */
    private interface Attempt<T> {
        T at(RegistryServer server, int tries) throws IOException, InterruptedException;
    }

    /**
     * What the reference names.
     *
     * @throws RuntimeFailure if no server gives it
     */
    Document resolve() throws InterruptedIOException {
        return reference.digest().isPresent()
                ? manifest(reference.digest().get())
                : firstOf(
                        RegistryHost::resolves,
                        (server, tries) -> document(server, "manifests", reference.selector(), tries));
    }

    /** A manifest by its digest, which is checked. */
    Document manifest(Digest digest) throws InterruptedIOException {
        return checked("manifests", digest);
    }

    /** A small blob by its digest, which is checked. */
    Document config(Digest digest) throws InterruptedIOException {
        return checked("blobs", digest);
    }

    /** A blob's bytes from {@code offset} on. Nothing is checked; the stream fails when it stalls. */
    Opened blob(Digest digest, long offset) throws InterruptedIOException {
        return firstOf(RegistryHost::pulls, (server, tries) -> {
            RegistryServer.Get get =
                    new RegistryServer.Get(server.host().uri(reference.path(), "blobs", digest.toString()), "", offset);
            HttpResponse<InputStream> response = server.get(get, tries);
            InputStream body = stalls.watch(response.body());
            if (response.statusCode() == 200) {
                body.skipNBytes(offset);
            }
            return new Opened(server, body);
        });
    }

    /** This server gave something wrong: the others go first from now on. */
    synchronized void demote(RegistryServer server) {
        if (servers.remove(server)) {
            servers.add(server);
        }
    }

    private Document checked(String kind, Digest digest) throws InterruptedIOException {
        return firstOf(RegistryHost::pulls, (server, tries) -> {
            Document document = document(server, kind, digest.toString(), tries);
            Digest found = digest.sameAlgorithm(digest.newHash(), document.bytes());
            if (!found.equals(digest)) {
                throw new HostFailure(
                        HostFailure.Kind.UNAVAILABLE,
                        server.host(),
                        "sent content with digest " + found + " for " + digest);
            }
            return new Document(document.bytes(), digest);
        });
    }

    private Document document(RegistryServer server, String kind, String selector, int tries)
            throws IOException, InterruptedException {
        String accept = kind.equals("manifests") ? String.join(", ", Manifest.ACCEPTED) : "";
        RegistryServer.Get get = new RegistryServer.Get(server.host().uri(reference.path(), kind, selector), accept, 0);
        try (InputStream body = stalls.watch(server.get(get, tries).body())) {
            byte[] bytes = body.readNBytes((int) limits.documentBytes() + 1);
            if (bytes.length > limits.documentBytes()) {
                throw new HostFailure(
                        HostFailure.Kind.UNAVAILABLE,
                        server.host(),
                        "sends a manifest or configuration of more than " + limits.documentBytes() + " bytes");
            }
            return new Document(bytes, Digest.sha256(bytes));
        }
    }

    private <T> T firstOf(Predicate<RegistryHost> able, Attempt<T> attempt) throws InterruptedIOException {
        List<HostFailure> failures = new ArrayList<>();
        List<RegistryServer> order = order(able);
        for (RegistryServer server : order) {
            boolean last = server.equals(order.getLast());
            try {
                return attempt.at(server, last ? LAST_TRIES : 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (InterruptedIOException) new InterruptedIOException("the pull was stopped").initCause(e);
            } catch (HostFailure e) {
                failures.add(e);
            } catch (IOException e) {
                failures.add(new HostFailure(server.host(), e));
            }
            if (!last && failures.getLast().kind() == HostFailure.Kind.UNAVAILABLE) {
                demote(server);
            }
        }
        throw failure(failures);
    }

    private synchronized List<RegistryServer> order(Predicate<RegistryHost> able) {
        List<RegistryServer> order =
                servers.stream().filter(server -> able.test(server.host())).toList();
        return order.isEmpty() ? List.copyOf(servers) : order;
    }

    /** The registry itself decides what it was; mirrors only add to the message. */
    private RuntimeFailure failure(List<HostFailure> failures) {
        String action = "pull " + reference;
        String reasons =
                failures.stream().map(HostFailure::getMessage).distinct().collect(Collectors.joining("; "));
        HostFailure deciding = failures.stream()
                .filter(failure -> !failure.fromMirror())
                .findFirst()
                .orElse(failures.getLast());
        return switch (deciding.kind()) {
            case NOT_FOUND -> new NotFound("image", reference.toString(), reasons);
            case UNAUTHENTICATED -> new Denied(action, reasons, true);
            case FORBIDDEN -> new Denied(action, reasons, false);
            case UNAVAILABLE -> new PullFailed(PullFailed.Kind.REGISTRY_UNAVAILABLE, action, reasons, deciding);
        };
    }
}
