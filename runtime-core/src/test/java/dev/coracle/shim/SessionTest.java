package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Role;
import dev.coracle.plan.ShimBinary;
import dev.coracle.plan.Slot;
import dev.coracle.plan.StdioOp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Execs and their streams. */
@ParameterizedClass
@EnumSource(ShimBinary.class)
class SessionTest extends OnEachBuild {
    private final Shim shim = host.open();

    SessionTest(ShimBinary build) {
        super(build);
    }

    @Test
    void streamsAndExitCodeComeBack() {
        try (Session session = exec("echo out; echo err >&2; exit 9")) {
            Outcome outcome = readAll(session);
            assertThat(outcome).isEqualTo(new Outcome("out\n", "err\n", 9));
        }
    }

    @Test
    void aPlanCanBeExecutedAgainUntilItIsForgotten() {
        Plan plan = TinyPlans.exec(ShimHost.newId(), "echo $((6 * 7)); exit 3");
        ExecPlan written = shim.write(() -> plan);
        for (int i = 0; i < 20; i++) {
            try (Session session = shim.exec(written, ShimHost.DEADLINE)) {
                assertThat(readAll(session)).isEqualTo(new Outcome("42\n", "", 3));
            }
        }
        assertThat(host.directory(shim.pod()).resolve("plans")).isNotEmptyDirectory();
        shim.forget(written);
        assertThat(host.directory(shim.pod()).resolve("plans")).isEmptyDirectory();
    }

    @Test
    void whatCannotBeExecutedFails() {
        Plan plan = Plan.titled("exec nothing")
                .host(new ProcessOp.Clone3(
                        TinyPlans.SHARED_MEMORY, Slot.NONE, ChildKind.EXEC, ShimHost.newId(), new Slot("c")))
                .at(new Slot("c"), new ProcessOp.Execve(List.of("/not/there"), List.of("x"), List.of()))
                .build();
        try (Session session = ShimHost.exec(shim, plan)) {
            assertThatThrownBy(session::read)
                    .isInstanceOfSatisfying(
                            RuntimeFailure.KernelFailure.class,
                            failure -> assertThat(failure.errno()).isEqualTo(Errno.ENOENT))
                    .hasMessageStartingWith("exec nothing: op 1 execve");
        }
    }

    @Test
    void fiveMegabytesGoThroughAndBack() throws Exception {
        byte[] sent = new byte[5 << 20];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) ((i * 31) >> 3);
        }
        try (Session session = exec("cat");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.execute(() -> {
                session.write(ByteBuffer.wrap(sent));
                session.closeStdin();
            });
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            for (Session.Output output = session.read(); output != null; output = session.read()) {
                byte[] bytes = new byte[output.bytes().remaining()];
                output.bytes().get(bytes);
                received.writeBytes(bytes);
            }
            assertThat(received.toByteArray()).isEqualTo(sent);
            assertThat(session.exitCode()).isZero();
        }
    }

    @Test
    void aGrandchildThatHoldsThePipeDelaysNothing() {
        Instant before = Instant.now();
        try (Session session = exec("sleep 100 & echo done")) {
            assertThat(readAll(session)).isEqualTo(new Outcome("done\n", "", 0));
        }
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(60));
    }

    @Test
    void killEndsDescendantsInSessionsOfTheirOwn() {
        try (Session session = exec("setsid sh -c 'sleep 1111 & wait' & echo ready; sleep 1111")) {
            assertThat(read(session)).isEqualTo("ready\n");
            await().until(() -> processes("1111") >= 3);
            session.kill();
            assertThat(readAll(session).code()).isEqualTo(137);
            await().atMost(Duration.ofSeconds(30)).until(() -> processes("1111") == 0);
        }
    }

    @Test
    void aSessionThatGoesTakesItsProcessesAlong() {
        Session session = exec("trap '' HUP; setsid sleep 2222 & sleep 2222 & echo ready; sleep 2222; sleep 2222");
        assertThat(read(session)).isEqualTo("ready\n");
        await().until(() -> processes("2222") >= 3);
        session.close();
        await().atMost(Duration.ofSeconds(30)).until(() -> processes("2222") == 0);
    }

    @Test
    void hangingUpLeavesTimeToEnd() {
        Path trace = host.run.resolve("trace");
        Session session =
                exec("trap 'echo hup > %s; exit' HUP; echo ready; while :; do sleep 0.05; done".formatted(trace));
        assertThat(read(session)).isEqualTo("ready\n");
        session.close();
        await().until(() -> Files.exists(trace) && Files.readString(trace).equals("hup\n"));
    }

    @Test
    void aClientThatDoesNotReadStopsTheProcessAndCostsNoMemory() throws Exception {
        long before = residentKilobytes(shim.pid());
        try (Session lazy = exec("yes")) {
            Thread.sleep(1_000);
            assertThat(residentKilobytes(shim.pid())).isLessThan(before + 1_000);
            try (Session other = exec("echo fine")) {
                assertThat(readAll(other).stdout()).isEqualTo("fine\n");
            }
            assertThat(read(lazy)).startsWith("y\ny\n");
        }
    }

    @Test
    void aProcessThatDoesNotReadStopsTheClientAndCanBeKilled() {
        try (Session session = exec("echo ready; sleep 3333");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(read(session)).isEqualTo("ready\n");
            Future<?> writer = threads.submit(() -> session.write(ByteBuffer.allocate(2 << 20)));
            await().during(Duration.ofMillis(300)).until(() -> !writer.isDone());
            session.kill();
            await().atMost(Duration.ofSeconds(30)).until(() -> processes("3333") == 0 && writer.isDone());
        }
    }

    /** Whoever may connect is root, but a daemon of another version may not know what it says. */
    @Test
    void nonsenseIsHungUpOn() throws Exception {
        Random random = new Random(5736);
        Path socket = host.directory(shim.pod()).resolve("shim.sock");
        for (int i = 0; i < 300; i++) {
            ByteBuffer nonsense = ByteBuffer.allocate(random.nextInt(200)).order(ByteOrder.LITTLE_ENDIAN);
            random.nextBytes(nonsense.array());
            if (nonsense.limit() > Frame.HEAD && i % 2 == 0) { // a frame at least, of any type but QUIT
                nonsense.putInt(0, nonsense.limit() - Frame.HEAD).put(4, (byte) random.nextInt(FrameType.QUIT));
            }
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                channel.write(Frame.of(FrameType.EXEC, 4711, 1));
                channel.write(nonsense);
            } catch (IOException _) {
                // hung up on before all was said
            }
        }
        try (Session session = exec("echo fine")) {
            assertThat(readAll(session).stdout()).isEqualTo("fine\n");
        }
    }

    @Test
    void manySessionsAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                outcomes.add(threads.submit(() -> {
                    try (Session session = exec("echo " + number + "; exit " + number % 100)) {
                        return readAll(session);
                    }
                }));
            }
            for (int i = 0; i < outcomes.size(); i++) {
                assertThat(outcomes.get(i).get()).isEqualTo(new Outcome(i + "\n", "", i % 100));
            }
        }
    }

    @Test
    void aTerminalHasASizeAndOneStream() {
        try (Session session = ShimHost.exec(shim, terminal("stty size; read line; echo got $line >&2; exit 4"))) {
            session.resize(33, 111);
            session.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8)));
            Outcome outcome = readAll(session);
            assertThat(outcome.stdout()).contains("33 111", "got hello").endsWith("got hello\r\n");
            assertThat(outcome.code()).isEqualTo(4);
        }
    }

    private static Plan terminal(String script) {
        Slot child = new Slot("c");
        Slot peer = new Slot("peer");
        String id = ShimHost.newId();
        return Plan.titled("exec in a terminal")
                .host(new FileOp.Open(
                        Slot.NONE, "/dev/pts", Set.of(OpenFlag.RDONLY, OpenFlag.DIRECTORY), 0, new Slot("pts")))
                .host(new StdioOp.Pty(new Slot("pts"), new Slot("master"), peer))
                .host(new StdioOp.Give(id, Role.TTY, new Slot("master")))
                .host(new ProcessOp.Clone3(TinyPlans.SHARED_MEMORY, Slot.NONE, ChildKind.EXEC, id, child))
                .at(child, new ProcessOp.Setsid())
                .at(child, new ProcessOp.Dup2(peer, 0))
                .at(child, new ProcessOp.Setctty())
                .at(child, new ProcessOp.Dup2(peer, 1))
                .at(child, new ProcessOp.Dup2(peer, 2))
                .at(child, new ProcessOp.CloseRange(3))
                .at(
                        child,
                        new ProcessOp.Execve(
                                List.of("/bin/sh"),
                                List.of("sh", "-c", "sleep 0.2; " + script),
                                List.of("PATH=/usr/bin:/bin")))
                .build();
    }

    private Session exec(String script) {
        return ShimHost.exec(shim, TinyPlans.exec(ShimHost.newId(), script));
    }

    private record Outcome(String stdout, String stderr, int code) {}

    private static Outcome readAll(Session session) {
        StringBuilder stdout = new StringBuilder();
        StringBuilder stderr = new StringBuilder();
        for (Session.Output output = session.read(); output != null; output = session.read()) {
            StringBuilder to = output.stream() == Session.Stream.STDOUT ? stdout : stderr;
            to.append(StandardCharsets.UTF_8.decode(output.bytes()));
        }
        return new Outcome(stdout.toString(), stderr.toString(), session.exitCode());
    }

    private static String read(Session session) {
        Session.Output output = session.read();
        return output == null
                ? ""
                : StandardCharsets.UTF_8.decode(output.bytes()).toString();
    }

    /** How many processes on this machine have this word as their last argument. */
    private static long processes(String argument) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("sleep " + argument))
                .count();
    }

    private static long residentKilobytes(long pid) throws Exception {
        String status = Files.readString(Path.of("/proc/" + pid + "/status"));
        return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1"));
    }
}
