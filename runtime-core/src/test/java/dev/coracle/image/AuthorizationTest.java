package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.failure.RuntimeFailure.PullFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of registries, beyond the first one. Runs as root. */
class AuthorizationTest {
    @TempDir
    Path work;

    private final CountDownLatch over = new CountDownLatch(1);
    private final List<PullStage> opened = new ArrayList<>();

    private PullStage open(Duration patience) {
        PullStage stage = new PullStage(work, patience);
        opened.add(stage);
        stage.registry().image("a", "1", PullStage.LOWER);
        return stage;
    }

    @AfterEach
    void close() {
        over.countDown();
        opened.forEach(PullStage::close);
    }

    /** Tokens are good for minutes, pulls of large images take longer: here each is good for the next two requests. */
    @Test
    void aTokenThatRunsOutIsRenewed() {
        PullStage stage = open(PullStage.PATIENT);
        AtomicInteger tokens = new AtomicInteger();
        AtomicInteger uses = new AtomicInteger();
        stage.registry().script((asked, exchange) -> {
            if (asked.path().equals("/token")) {
                uses.set(0);
                return TestRegistry.answer(exchange, 200, "{\"token\":\"t" + tokens.incrementAndGet() + "\"}");
            }
            return !(asked.authorization().equals("Bearer t" + tokens.get()) && uses.incrementAndGet() <= 2)
                    && challenge(asked, exchange);
        });

        stage.pull("a:1");

        assertThat(tokens).hasValue(2);
    }

    @Test
    void aTokenServiceThatStallsIsGivenUp() {
        PullStage stage = open(Duration.ofMillis(600));
        stage.registry().script((asked, exchange) -> {
            if (!asked.path().equals("/token")) {
                return challenge(asked, exchange);
            }
            byte[] first = "{\"token\":".getBytes(StandardCharsets.US_ASCII);
            return TestRegistry.begin(exchange, 200, 1000, first) && TestRegistry.hold(over);
        });
        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageContaining("less than 4096 bytes came");
    }

    /** An answer that is no image may stall like one that is. */
    @Test
    void anErrorThatStallsIsAnError() {
        PullStage stage = open(Duration.ofMillis(600));
        stage.registry()
                .script((_, exchange) ->
                        TestRegistry.begin(exchange, 500, 1000, new byte[0]) && TestRegistry.hold(over));
        assertThatThrownBy(() -> stage.pull("a:1"))
                .isInstanceOf(PullFailed.class)
                .hasMessageContaining("answered 500");
    }

    private static boolean challenge(AskedRequest asked, HttpExchange exchange) throws IOException {
        String challenge = "Bearer realm=\"http://" + asked.header("Host") + "/token\",service=\"s\"";
        return TestRegistry.answer(exchange, 401, TestRegistry.error("UNAUTHORIZED"), "WWW-Authenticate", challenge);
    }
}
