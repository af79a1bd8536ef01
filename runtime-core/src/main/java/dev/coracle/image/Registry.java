package dev.coracle.image;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.failure.RuntimeFailure.Denied;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import dev.coracle.http.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A registry as one pull sees it: several servers that are asked in turn, mirrors first. A server that failed comes last from then
 * on, and one that did not answer at all comes last in other pulls as well for a while. Safe for any thread.
 */
final class Registry {
    /** How often the last server is asked, behind which there is none. */
    private static final int LAST_TRIES = 3;

    private final Reference reference;
    private final PullLimits limits;
    private final DeadHosts dead;
    private final List<RegistryServer> servers;

    /** @param servers at least one, in the order in which to ask them */
    Registry(Reference reference, PullLimits limits, DeadHosts dead, List<RegistryServer> servers) {
        this.reference = reference;
        this.limits = limits;
        this.dead = dead;
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

    /**
     * A blob's bytes on their way, and where they come from.
     *
     * @param partial the server gives what was asked for and no more
     */
    record Opened(RegistryServer server, Content stream, boolean partial) {}

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

    /** A blob's bytes from where the span begins; there may be more than it has. Nothing is checked; the stream fails when it stalls. */
    Opened blob(Digest digest, Span span) throws InterruptedIOException {
        return firstOf(RegistryHost::pulls, (server, tries) -> {
            RegistryServer.Get get =
                    new RegistryServer.Get(server.host().uri(reference.path(), "blobs", digest.toString()), "", span);
            HostAnswer answer = server.get(get, tries);
            boolean partial = answer.status() != 200;
            if (!partial) {
                skip(answer, span.from());
            }
            return new Opened(server, answer.body(), partial);
        });
    }

    private static void skip(HostAnswer answer, long bytes) throws IOException {
        try {
            answer.body().skipNBytes(bytes);
        } catch (IOException e) {
            answer.body().close();
            throw e;
        }
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
        RegistryServer.Get get =
                new RegistryServer.Get(server.host().uri(reference.path(), kind, selector), accept, Span.WHOLE);
        try (InputStream body = server.get(get, tries).body()) {
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
                T result = attempt.at(server, last || server.host().mirrorOf() == null ? LAST_TRIES : 1);
                dead.remove(server.host());
                return result;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (InterruptedIOException) new InterruptedIOException("the pull was stopped").initCause(e);
            } catch (HostFailure e) {
                failures.add(e);
            } catch (IOException e) {
                failures.add(new HostFailure(server.host(), e));
            }
            noteFailure(server, failures.getLast(), last);
        }
        throw failure(failures);
    }

    private void noteFailure(RegistryServer server, HostFailure failure, boolean last) {
        if (!failure.answered()) {
            dead.add(server.host());
        }
        if (!last && failure.kind() == HostFailure.Kind.UNAVAILABLE) {
            demote(server);
        }
    }

    private synchronized List<RegistryServer> order(Predicate<RegistryHost> able) {
        List<RegistryServer> order = servers.stream()
                .filter(server -> able.test(server.host()))
                .sorted(Comparator.comparing(server -> dead.contains(server.host())))
                .toList();
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
