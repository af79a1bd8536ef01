package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.ShimBinary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that attach to a container's main process. */
@ParameterizedClass
@EnumSource(ShimBinary.class)
class AttachTest extends OnEachBuild {
    private final Shim shim = host.open();

    AttachTest(ShimBinary build) {
        super(build);
    }

    @Test
    void severalClientsHearTheSameAndMayAllWrite() {
        String id = host.start(shim, "while read line; do echo got $line; done; echo end; exit 6");
        try (Session first = shim.attach(id);
                Session second = shim.attach(id)) {
            write(first, "one\n");
            assertThat(read(first, 8)).isEqualTo("got one\n");
            assertThat(read(second, 8)).isEqualTo("got one\n");
            write(second, "two\n");
            second.closeStdin();
            assertThat(readAll(first)).isEqualTo("got two\nend\n");
            assertThat(readAll(second)).isEqualTo("got two\nend\n");
            assertThat(first.exitCode()).isEqualTo(6);
            assertThat(second.exitCode()).isEqualTo(6);
        }
        assertThat(host.awaitExit(id).lostLogBytes()).isZero();
        assertThat(host.lines(host.log(id))).containsExactly("stdout F got one", "stdout F got two", "stdout F end");
    }

    @Test
    void errorsAreAStreamOfTheirOwn() {
        String id = host.start(shim, "read line; echo $line >&2");
        try (Session session = shim.attach(id)) {
            write(session, "wrong\n");
            Session.Output output = session.read();
            assertThat(output).isNotNull();
            assertThat(output.stream()).isEqualTo(Session.Stream.STDERR);
            assertThat(StandardCharsets.US_ASCII.decode(output.bytes()).toString())
                    .isEqualTo("wrong\n");
        }
    }

    @Test
    void whoGoesLeavesTheInputOpen() {
        String id = host.start(shim, "while read line; do echo got $line; done; echo end");
        try (Session session = shim.attach(id)) {
            write(session, "one\n");
            assertThat(read(session, 8)).isEqualTo("got one\n");
        }
        try (Session session = shim.attach(id)) {
            write(session, "two\n");
            assertThat(read(session, 8)).isEqualTo("got two\n");
            session.closeStdin();
            assertThat(readAll(session)).isEqualTo("end\n");
        }
    }

    /** A second is what its log waits for somebody who listens: then he is hung up on, and no line is missing. */
    @Test
    void whoDoesNotReadIsHungUpOn() {
        Path go = host.run.resolve("go");
        String id = host.start(shim, "until [ -e %s ]; do sleep 0.01; done; seq 1 600000".formatted(go));
        try (Session lazy = shim.attach(id);
                Session quick = shim.attach(id)) {
            awaitAttached(quick);
            Instant begin = touch(go);
            StringBuilder heard = new StringBuilder();
            for (Session.Output output = quick.read(); output != null; output = quick.read()) {
                heard.append(StandardCharsets.US_ASCII.decode(output.bytes()));
            }
            assertThat(host.awaitExit(id).lostLogBytes()).isZero();
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
            assertThat(heard.toString().lines().toList()).isEqualTo(numbers());
            assertThat(host.lines(host.log(id)))
                    .isEqualTo(
                            numbers().stream().map(line -> "stdout F " + line).toList());
            assertThatThrownBy(() -> readAll(lazy))
                    .isInstanceOf(RuntimeFailure.Unavailable.class)
                    .hasMessageContaining("not read fast enough");
        }
    }

    private static List<String> numbers() {
        return IntStream.rangeClosed(1, 600_000).mapToObj(String::valueOf).toList();
    }

    /** The shim takes connections in order: when the last one is served, those before it are attached. */
    private void awaitAttached(Session session) {
        session.resize(1, 1);
        try (Session later = ShimHost.exec(shim, TinyPlans.exec(ShimHost.newId(), "exit 0"))) {
            assertThat(later.read()).isNull();
        }
    }

    private static Instant touch(Path file) {
        try {
            Files.createFile(file);
            return Instant.now();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void thereMustBeSomethingToAttachTo() {
        String id = host.start(shim, "exit 0");
        host.awaitExit(id);
        for (String gone : List.of(id, ShimHost.newId())) {
            try (Session session = shim.attach(gone)) {
                assertThatThrownBy(session::read).isInstanceOf(RuntimeFailure.NotFound.class);
            }
        }
    }

    @Test
    void nobodyKillsAContainerByAttaching() {
        String id = host.start(shim, "while read line; do echo got $line; done");
        try (Session session = shim.attach(id)) {
            session.kill();
            assertThatThrownBy(() -> readAll(session)).isInstanceOf(RuntimeFailure.Unavailable.class);
        }
        try (Session session = shim.attach(id)) {
            write(session, "on\n");
            assertThat(read(session, 7)).isEqualTo("got on\n");
        }
        await().during(Duration.ofMillis(100)).until(() -> !host.exits.containsKey(id));
    }

    private static void write(Session session, String text) {
        session.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** So many bytes of either stream. */
    private static String read(Session session, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            Session.Output output = session.read();
            if (output == null) {
                return text.toString();
            }
            text.append(StandardCharsets.US_ASCII.decode(output.bytes()));
        }
        return text.toString();
    }

    private static String readAll(Session session) {
        return read(session, Integer.MAX_VALUE);
    }
}
