package dev.coracle.image;

import dev.coracle.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Proves to one server who asks, for one pull: answers its challenge with a token of its token service, or with user and
 * password. Nothing is sent before it is asked for. Safe for any thread.
 */
final class Authorization {
    private static final int MAX_TOKEN_BYTES = 1 << 20;
    private static final String CLIENT = "coracle";

    private final RegistryHost host;
    private final HostClient client;
    private final Credentials credentials;
    private final String repository;
    private volatile @Nullable String header;

    /** @param repository what read access is asked for */
    Authorization(RegistryHost host, HostClient client, Credentials credentials, String repository) {
        this.host = host;
        this.client = client;
        this.credentials = credentials.at(host.name());
        this.repository = repository;
    }

    /** What to send in the Authorization header, if it is known by now. */
    Optional<String> header() {
        return Optional.ofNullable(header);
    }

    /**
     * Works out what the server wants to see.
     *
     * @param challenges values of its WWW-Authenticate headers
     * @throws HostFailure if there is no way to give it that
     */
    void answer(List<String> challenges) throws IOException, InterruptedException {
        for (String value : challenges) {
            for (Challenge challenge : Challenge.parse(value)) {
                Optional<String> answer = switch (challenge.scheme()) {
                    case "bearer" -> Optional.of("Bearer " + token(challenge));
                    case "basic" -> basic();
                    default -> Optional.empty();
                };
                if (answer.isPresent()) {
                    header = answer.get();
                    return;
                }
            }
        }
        throw new HostFailure(
                HostFailure.Kind.UNAUTHENTICATED,
                host,
                credentials.equals(Credentials.NONE)
                        ? "asks who pulls, and no credentials are given"
                        : "does not take credentials of the kind that is given");
    }

    private Optional<String> basic() {
        return credentials.hasPassword() ? Optional.of(basicHeader()) : Optional.empty();
    }

    private String basicHeader() {
        String joined = credentials.username() + ":" + credentials.password();
        return "Basic " + Base64.getEncoder().encodeToString(joined.getBytes(StandardCharsets.UTF_8));
    }

    private String token(Challenge challenge) throws IOException, InterruptedException {
        if (!credentials.registryToken().isEmpty()) {
            return credentials.registryToken().strip();
        }
        URI realm = realm(challenge);
        String scope = "repository:" + repository + ":pull";
        String service = challenge.parameter("service");
        String query = (service.isEmpty() ? "" : "service=" + encoded(service) + "&") + "scope=" + encoded(scope);
        Request request = credentials.identityToken().isEmpty() ? byGet(realm, query) : byRefresh(realm, query);
        HostAnswer response;
        try {
            response = client.send(request);
        } catch (IOException e) {
            throw new HostFailure(
                    host, "gives no token: its token service " + realm.getHost() + " cannot be reached", e);
        }
        try (InputStream body = response.body()) {
            if (response.status() != 200) {
                throw refused(realm, response.status());
            }
            return read(body);
        }
    }

    private URI realm(Challenge challenge) throws HostFailure {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm"));
        } catch (IllegalArgumentException e) {
            throw new HostFailure(HostFailure.Kind.UNAVAILABLE, host, "names a token service without a proper address");
        }
        boolean encrypted = "https".equals(realm.getScheme());
        boolean plain = "http".equals(realm.getScheme());
        if (realm.getHost() == null || !(encrypted || plain)) {
            throw new HostFailure(HostFailure.Kind.UNAVAILABLE, host, "names a token service that is not on the web");
        }
        if (plain && host.isEncrypted() && !credentials.equals(Credentials.NONE)) {
            throw new HostFailure(
                    HostFailure.Kind.UNAUTHENTICATED,
                    host,
                    "names a token service that would get the secret in the clear");
        }
        return realm;
    }

    private Request byGet(URI realm, String query) {
        String joint = realm.getRawQuery() == null ? "?" : "&";
        Request request = Request.get(URI.create(realm + joint + query));
        if (credentials.hasPassword()) {
            request.set("Authorization", basicHeader());
        }
        return request;
    }

    private Request byRefresh(URI realm, String query) {
        String form = "grant_type=refresh_token&client_id=" + CLIENT + "&" + query + "&refresh_token="
                + encoded(credentials.identityToken());
        return Request.post(realm, form);
    }

    private HostFailure refused(URI realm, int status) {
        boolean denied = status == 400 || status == 401 || status == 403;
        return new HostFailure(
                denied ? HostFailure.Kind.UNAUTHENTICATED : HostFailure.Kind.UNAVAILABLE,
                host,
                "gives no token: its token service " + realm.getHost() + " answered " + status);
    }

    private String read(InputStream body) throws IOException {
        try {
            JsonTree root = JsonTree.parse(body.readNBytes(MAX_TOKEN_BYTES));
            String token = root.text("token");
            String usable = token.isEmpty() ? root.text("access_token") : token;
            // Anything else could end the header line it is put in.
            if (!usable.isEmpty() && usable.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                return usable;
            }
        } catch (JsonTree.Malformed e) {
            // The document may hold a secret: its words are not passed on.
            throw new HostFailure(
                    HostFailure.Kind.UNAVAILABLE, host, "gives no token: its token service answered nonsense");
        }
        throw new HostFailure(
                HostFailure.Kind.UNAVAILABLE, host, "gives no token: its token service answered without one");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
