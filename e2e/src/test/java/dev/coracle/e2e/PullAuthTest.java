package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.e2e.images.OciImage;
import dev.coracle.image.AskedRequest;
import dev.coracle.image.TestRegistry;
import dev.coracle.proto.Field;
import dev.coracle.proto.v1.AuthConfig;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a pull proves who asks: to whom what is sent, and what a kubelet learns when it is not enough. */
@DaemonTest
@CoracleOnly
final class PullAuthTest {
    private static final String USER = "someone";
    private static final String PASSWORD = "open:se+same";
    private static final String JOINED = base64(USER + ":" + PASSWORD);
    private static final AuthConfig BY_PASSWORD =
            AuthConfig.newBuilder().setUsername(USER).setPassword(PASSWORD).build();

    /** A request for a manifest, a configuration and a layer. */
    private static final int REQUESTS = 3;

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static AuthConfig.Builder auth() {
        return AuthConfig.newBuilder();
    }

    /** Answers those with 401 that do not prove it so. */
    private static TestRegistry.Script guarded(String challenge, String wanted) {
        return (asked, exchange) -> {
            if (asked.path().equals("/token") || asked.authorization().equals(wanted)) {
                return false;
            }
            return TestRegistry.answer(
                    exchange, 401, TestRegistry.error("UNAUTHORIZED"), "WWW-Authenticate", challenge);
        };
    }

    private static String bearer(NodeRegistry registry) {
        return "Bearer realm=\"http://" + registry.host() + "/token\",service=\"e2e registry\",scope=\"ignored\"";
    }

    /** A token service: gives a token to who asks in a way, else this status. */
    private static TestRegistry.Script tokens(Predicate<AskedRequest> right, int status) {
        return (asked, exchange) -> asked.path().equals("/token") && answersToken(exchange, right.test(asked), status);
    }

    private static boolean answersToken(HttpExchange exchange, boolean right, int status) throws IOException {
        if (right) {
            return givesToken(exchange, "t0ken");
        }
        return TestRegistry.answer(exchange, status, TestRegistry.error("DENIED"));
    }

    @Test
    void anonymousPullsProveNothing(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a/b", "1", PullSession.newImage());
            assertThat(session.pull(registry.host() + "/a/b:1")).isEqualTo(PullSession.id(image));
            assertThat(registry.asked()).extracting(AskedRequest::authorization).containsOnly("");
            assertThat(registry.asked())
                    .extracting(AskedRequest::toString)
                    .containsExactlyInAnyOrder(
                            "GET /v2/a/b/manifests/1",
                            "GET /v2/a/b/blobs/" + PullSession.id(image),
                            "GET /v2/a/b/blobs/" + PullSession.layer(image));
            // What is asked of a registry that asks for nothing is not more when there is something to give.
            registry.forget();
            session.remove(PullSession.id(image));
            assertThat(session.pull(registry.host() + "/a/b:1", BY_PASSWORD)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked())
                    .hasSize(REQUESTS)
                    .extracting(AskedRequest::authorization)
                    .containsOnly("");
        }
    }

    @Test
    @Field("AuthConfig.username")
    @Field("AuthConfig.password")
    void userAndPasswordAreShownWhenTheRegistryAsks(Rig rig) {
        isTakenBy(rig, "Basic realm=\"e2e\"", "Basic " + JOINED, BY_PASSWORD);
    }

    @Test
    @Field("AuthConfig.auth")
    void soAreBothInOne(Rig rig) {
        isTakenBy(
                rig,
                "Basic realm=\"e2e\"",
                "Basic " + JOINED,
                auth().setAuth(JOINED).build());
    }

    @Test
    @Field("AuthConfig.registry_token")
    void aRegistrysTokenIsShownAsItIs(Rig rig) {
        isTakenBy(
                rig,
                "Bearer realm=\"http://127.0.0.1:1/token\",service=\"e2e\"",
                "Bearer given",
                auth().setRegistryToken("given").build());
    }

    /** It is asked once without a proof, and each time after that with it. */
    private static void isTakenBy(Rig rig, String challenge, String wanted, AuthConfig proof) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            registry.script(guarded(challenge, wanted));
            assertThat(session.pull(registry.host() + "/a:1", proof)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked())
                    .extracting(AskedRequest::authorization)
                    .containsExactly("", wanted, wanted, wanted);
        }
    }

    @Test
    void aTokenIsFetchedOnceAndServesForAll(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("team/a", "1", PullSession.newImage());
            registry.script(guarded(bearer(registry), "Bearer t0ken"));
            registry.script(tokens(asked -> asked.authorization().equals("Basic " + JOINED), 401));
            assertThat(session.pull(registry.host() + "/team/a:1", BY_PASSWORD)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked())
                    .extracting(AskedRequest::authorization)
                    .containsExactly("", "Basic " + JOINED, "Bearer t0ken", "Bearer t0ken", "Bearer t0ken");
            AskedRequest token = registry.asked().get(1);
            assertThat(token.method()).isEqualTo("GET");
            assertThat(token.uri().getRawQuery()).isEqualTo("service=e2e+registry&scope=repository%3Ateam%2Fa%3Apull");
        }
    }

    /** As Docker Hub and others do for public images. This one has no name for itself: then it is not told one. */
    @Test
    void anonymousPullsMayNeedATokenToo(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            registry.script(guarded("Bearer realm=\"http://" + registry.host() + "/token?a=b\"", "Bearer t0ken"));
            registry.script(tokens(asked -> asked.authorization().isEmpty(), 401));
            assertThat(session.pull(registry.host() + "/a:1")).isEqualTo(PullSession.id(image));
            assertThat(registry.askedFor("/token"))
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.uri().getQuery()).isEqualTo("a=b&scope=repository:a:pull"));
        }
    }

    /** Pulls may take longer than tokens live. */
    @Test
    void aTokenThatHasExpiredIsFetchedAnew(Rig rig) {
        AtomicInteger tokens = new AtomicInteger();
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            registry.script((asked, exchange) -> !asked.path().contains("/blobs/")
                    && guarded(bearer(registry), "Bearer t1").answers(asked, exchange));
            registry.script((asked, exchange) -> asked.path().contains("/blobs/")
                    && asked.authorization().matches("|Bearer t1")
                    && guarded(bearer(registry), "Bearer later").answers(asked, exchange));
            registry.script((asked, exchange) ->
                    asked.path().equals("/token") && givesToken(exchange, "t" + tokens.incrementAndGet()));
            assertThat(session.pull(registry.host() + "/a:1", BY_PASSWORD)).isEqualTo(PullSession.id(image));
            assertThat(tokens.get()).isBetween(2, 3);
        }
    }

    private static boolean givesToken(HttpExchange exchange, String token) throws IOException {
        return TestRegistry.answer(exchange, 200, "{\"token\":\"" + token + "\"}");
    }

    @Test
    @Field("AuthConfig.identity_token")
    void anIdentityTokenIsExchanged(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            registry.script(guarded(bearer(registry), "Bearer t0ken"));
            registry.script(tokens(PullAuthTest::refreshes, 400));
            AuthConfig proof = auth().setIdentityToken("id+token/=").build();
            assertThat(session.pull(registry.host() + "/a:1", proof)).isEqualTo(PullSession.id(image));
            AskedRequest token = registry.askedFor("/token").getFirst();
            assertThat(token.header("Content-Type")).startsWith("application/x-www-form-urlencoded");
            assertThat(token.authorization()).isEmpty();
            assertThat(token.uri().getQuery()).isNull();
            assertThat(registry.asked())
                    .extracting(AskedRequest::authorization)
                    .containsExactly("", "", "Bearer t0ken", "Bearer t0ken", "Bearer t0ken");
        }
    }

    private static boolean refreshes(AskedRequest asked) {
        List<String> form = List.of(asked.body().split("&", -1));
        return asked.method().equals("POST")
                && form.containsAll(List.of(
                        "grant_type=refresh_token",
                        "refresh_token=id%2Btoken%2F%3D",
                        "service=e2e+registry",
                        "scope=repository%3Aa%3Apull"));
    }

    @Test
    @Field("AuthConfig.server_address")
    void whatIsForOneServerGoesToNoOther(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry mirror = NodeRegistry.mirrorIn(rig.node());
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = registry.image("a", "1", PullSession.newImage());
            mirror.script(guarded("Basic realm=\"m\"", "Basic " + JOINED));
            registry.script(guarded("Basic realm=\"e2e\"", "Basic " + JOINED));
            session.mirror(registry.host(), registry, mirror);
            AuthConfig mine = BY_PASSWORD.toBuilder()
                    .setServerAddress("http://" + registry.host() + "/v2/")
                    .build();
            assertThat(session.pull(registry.host() + "/a:1", mine)).isEqualTo(PullSession.id(image));
            assertThat(mirror.asked())
                    .isNotEmpty()
                    .extracting(AskedRequest::authorization)
                    .containsOnly("");
            // Nor from one registry to another.
            registry.forget();
            AuthConfig others =
                    BY_PASSWORD.toBuilder().setServerAddress("registry.example").build();
            String message =
                    Refused.with(Status.Code.UNAUTHENTICATED, () -> session.pull(registry.host() + "/a:1", others));
            assertThat(message).contains(registry.host() + " asks who pulls, and no credentials are given");
            assertThat(registry.asked()).extracting(AskedRequest::authorization).containsOnly("");
        }
    }

    /** As a kubelet sends them that has found them by the image's name. */
    @Test
    void whatIsForNoServerInParticularGoesToTheMirrorsOfTheFileThatAsk(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry mirror = NodeRegistry.mirrorIn(rig.node());
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = mirror.image("a", "1", PullSession.newImage());
            mirror.script(guarded("Basic realm=\"m\"", "Basic " + JOINED));
            session.mirror(registry.host(), registry, mirror);
            assertThat(session.pull(registry.host() + "/a:1", BY_PASSWORD)).isEqualTo(PullSession.id(image));
            assertThat(registry.asked()).isEmpty();
        }
    }

    /** What a token service of another host gets is what a registry sends it: but not of a mirror that is not meant. */
    @Test
    void aMirrorsTokenServiceGetsNoPassword(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry mirror = NodeRegistry.mirrorIn(rig.node());
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            OciImage.Packed image = mirror.image("a", "1", PullSession.newImage());
            mirror.script(guarded(bearer(mirror), "Bearer t0ken"));
            mirror.script(tokens(_ -> true, 401));
            session.mirror(registry.host(), registry, mirror);
            AuthConfig mine =
                    BY_PASSWORD.toBuilder().setServerAddress(registry.host()).build();
            assertThat(session.pull(registry.host() + "/a:1", mine)).isEqualTo(PullSession.id(image));
            assertThat(mirror.askedFor("/token"))
                    .hasSize(1)
                    .extracting(AskedRequest::authorization)
                    .containsOnly("");
            assertThat(registry.asked()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, UNAUTHENTICATED, answered 401 UNAUTHORIZED",
        "403, PERMISSION_DENIED, answered 403 DENIED",
    })
    void wrongCredentialsHaveACodeOfTheirOwn(int status, Status.Code code, String words, Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            registry.image("a", "1", PullSession.newImage());
            registry.script((asked, exchange) -> !asked.authorization().isEmpty()
                    && refuses(exchange, status, status == 401 ? "UNAUTHORIZED" : "DENIED"));
            registry.script(guarded("Basic realm=\"e2e\"", "Basic right"));
            String name = registry.host() + "/a:1";
            String message = Refused.with(code, () -> session.pull(name, BY_PASSWORD));
            assertThat(message).isEqualTo("pull " + name + ": " + registry.host() + " " + words);
            staysSecret(rig, message);
            assertThat(session.has(name)).isFalse();
            assertThat(registry.asked()).hasSize(2);
        }
    }

    private static boolean refuses(HttpExchange exchange, int status, String code) throws IOException {
        return TestRegistry.answer(exchange, status, TestRegistry.error(code));
    }

    @Test
    void aTokenServiceThatGivesNoneIsNamed(Rig rig) {
        for (Map.Entry<Integer, Status.Code> refusal : Map.of(
                        401, Status.Code.UNAUTHENTICATED, 503, Status.Code.UNKNOWN)
                .entrySet()) {
            try (PullSession session = PullSession.of(rig);
                    NodeRegistry registry = NodeRegistry.in(rig.node())) {
                registry.image("a", "1", PullSession.newImage());
                registry.script(guarded(bearer(registry), "Bearer t0ken"));
                registry.script(tokens(_ -> false, refusal.getKey()));
                String name = registry.host() + "/a:1";
                String message = Refused.with(refusal.getValue(), () -> session.pull(name, BY_PASSWORD));
                assertThat(message)
                        .isEqualTo((refusal.getKey() == 401 ? "" : "RegistryUnavailable: ") + "pull " + name + ": "
                                + registry.host() + " gives no token: its token service 127.0.0.1 answered "
                                + refusal.getKey());
                staysSecret(rig, message);
            }
        }
    }

    @Test
    void aTokenServiceThatCannotBeReachedIsNamedWithTheReason(Rig rig) {
        try (PullSession session = PullSession.of(rig);
                NodeRegistry registry = NodeRegistry.in(rig.node())) {
            registry.image("a", "1", PullSession.newImage());
            registry.script(guarded("Bearer realm=\"http://127.0.0.1:1/token\"", "Bearer t0ken"));
            String name = registry.host() + "/a:1";
            String message = Refused.with(Status.Code.UNKNOWN, () -> session.pull(name, BY_PASSWORD));
            assertThat(message)
                    .startsWith("RegistryUnavailable: pull " + name + ": " + registry.host()
                            + " gives no token: its token service 127.0.0.1 cannot be reached: ")
                    .containsIgnoringCase("refused");
            staysSecret(rig, message);
        }
    }

    private static void staysSecret(Rig rig, String message) {
        assertThat(message + rig.daemon().log()).doesNotContain(PASSWORD, JOINED);
    }
}
