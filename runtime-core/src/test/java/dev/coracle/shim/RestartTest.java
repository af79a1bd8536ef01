package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.Answers;
import dev.coracle.plan.ShimBinary;
import dev.coracle.spec.PodId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What outlives the daemon, and how the next one finds it. */
class RestartTest {
    private final ShimHost host = new ShimHost();

    /** Waits of a daemon that is gone by then; what they throw is nobody's. */
    private final ExecutorService abandoned = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        host.close();
        abandoned.close();
    }

    @Test
    void whatRunsAndWhatEndedIsTold() {
        Shim before = host.open();
        Path go = host.run.resolve("go");
        String runs = host.start(before, "sleep 1000");
        String ends = host.start(before, "while [ ! -e %s ]; do sleep 0.02; done; seq 1 5000; exit 6".formatted(go));
        String ended = host.start(before, "exit 5");
        host.awaitExit(ended);
        host.restart();
        assertThat(go.toFile().mkdir()).isTrue();
        await().until(() ->
                Files.exists(host.directory(before.pod()).resolve("exits").resolve(ends)));
        Reconnected after = host.reconnect(before);
        assertThat(after.shim().pid()).isEqualTo(before.pid());
        assertThat(after.running()).extracting(Running::id).containsExactly(runs);
        assertThat(after.exits()).extracting(Exit::id).containsExactlyInAnyOrder(ends, ended);
        assertThat(after.exits()).extracting(Exit::code).containsExactlyInAnyOrder(6, 5);
        assertThat(host.lines(host.log(ends)))
                .isEqualTo(IntStream.rangeClosed(1, 5_000)
                        .mapToObj(i -> "stdout F " + i)
                        .toList());
        after.shim().signal(runs, 9);
        assertThat(host.awaitExit(runs).code()).isEqualTo(137);
        List.of(runs, ends, ended).forEach(after.shim()::acknowledge);
        after.shim().quit();
        assertThat(host.shims().reconnect(before.pod(), host.directory(before.pod())))
                .isEmpty();
    }

    @Test
    void anAcknowledgedExitIsForgotten() {
        Shim before = host.open();
        String id = host.start(before, "true");
        host.awaitExit(id);
        before.acknowledge(id);
        host.restart();
        assertThat(host.reconnect(before).exits()).isEmpty();
    }

    @Test
    void whatTheLastDaemonExecutedLeavesNoPlan() throws Exception {
        Shim before = host.open();
        String running = host.start(before, "sleep 1111");
        Path plans = host.directory(before.pod()).resolve("plans");
        List<Path> kept = files(plans);
        try (Session session = ShimHost.exec(before, TinyPlans.exec(ShimHost.newId(), "exit 0"))) {
            assertThat(session.read()).isNull();
        }
        assertThat(files(plans)).hasSize(kept.size() + 1);
        host.restart();
        Shim after = host.reconnect(before).shim();
        assertThat(files(plans)).isEqualTo(kept);
        try (Session session = ShimHost.exec(after, TinyPlans.exec(ShimHost.newId(), "exit 4"))) {
            assertThat(session.read()).isNull();
            assertThat(session.exitCode()).isEqualTo(4);
        }
        after.signal(running, 9);
        host.awaitExit(running);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    @Test
    void aDurablePlanIsAwaitedByTheNextDaemon() {
        Shim before = host.open();
        long ends = before.nextPlan();
        long lasts = before.nextPlan();
        abandoned.execute(() -> before.execute(ends, TinyPlans.run("echo early", 5_000), ShimHost.DEADLINE));
        Thread.ofVirtual()
                .start(() -> before.execute(lasts, TinyPlans.run("sleep 2; echo late", 5_000), ShimHost.DEADLINE));
        Path plans = host.directory(before.pod()).resolve("plans");
        await().until(() ->
                Files.exists(plans.resolve(ends + ".result")) && Files.exists(plans.resolve(lasts + ".plan")));
        host.restart();
        Reconnected after = host.reconnect(before);
        assertThat(after.plans()).containsExactly(lasts);
        assertThat(output(after.shim().await(ends).orElseThrow())).isEqualTo("early\n");
        assertThat(output(after.shim().await(lasts).orElseThrow())).isEqualTo("late\n");
        assertThat(after.shim().await(lasts + 1)).isEmpty();
        assertThat(after.shim().nextPlan()).isEqualTo(lasts + 1);
    }

    @Test
    void aDurablePlanCanBeKilledByTheNextDaemon() {
        Shim before = host.open();
        long number = before.nextPlan();
        abandoned.execute(() -> before.execute(number, TinyPlans.run("sleep 4444", 60_000), ShimHost.DEADLINE));
        Path plan = host.directory(before.pod()).resolve("plans").resolve(number + ".plan");
        await().until(() -> Files.exists(plan));
        host.restart();
        Shim after = host.reconnect(before).shim();
        after.kill(number);
        assertThatThrownBy(() -> after.await(number))
                .isInstanceOf(RuntimeFailure.KernelFailure.class)
                .hasMessageContaining("ECANCELED");
    }

    @Test
    void aDeadShimIsLostAndLeavesItsLock() {
        Shim shim = host.open();
        ProcessHandle.of(shim.pid()).orElseThrow().destroyForcibly();
        await().until(() -> host.lost.contains(shim.pod()));
        assertThatThrownBy(() -> shim.execute(TinyPlans.failing(), ShimHost.DEADLINE))
                .isInstanceOf(RuntimeFailure.Unavailable.class);
        assertThat(host.shims().reconnect(shim.pod(), host.directory(shim.pod())))
                .isEmpty();
        host.shims().open(shim.pod(), host.directory(shim.pod())).quit();
    }

    @Test
    void aNewerDaemonTakesTheConnection() {
        Shim shim = host.open();
        try (SpawnedShims other = SpawnedShims.start(ShimHost.BINARY, otherRun(), List.of(), host)) {
            Shim newer = other.reconnect(shim.pod(), host.directory(shim.pod()))
                    .orElseThrow()
                    .shim();
            await().until(() -> host.lost.contains(shim.pod()));
            assertThat(output(newer.execute(TinyPlans.run("echo mine", 5_000), ShimHost.DEADLINE)))
                    .isEqualTo("mine\n");
        }
    }

    /** The sanitized build waits 2 s where the one that ships waits a minute. */
    @Test
    void aShimThatNobodyNeedsEnds() throws Exception {
        try (ShimHost impatient = new ShimHost(ShimBinary.SANITIZED.path())) {
            Shim idle = impatient.open();
            Shim kept = impatient.open();
            Shim unheard = impatient.open();
            kept.execute(TinyPlans.keep("file", Path.of("/etc/hostname")), ShimHost.DEADLINE);
            impatient.awaitExit(impatient.start(unheard, "true"));
            impatient.shims().close();
            await().until(() -> ProcessHandle.of(idle.pid()).isEmpty());
            assertThat(impatient.directory(idle.pod()).resolve("shim.sock")).doesNotExist();
            Thread.sleep(1_000);
            assertThat(ProcessHandle.of(kept.pid())).isPresent();
            assertThat(ProcessHandle.of(unheard.pid())).isPresent();
        }
    }

    @Test
    void aKilledDaemonLosesNoExitAndNoLine() throws Exception {
        Path go = host.run.resolve("go");
        Process daemon = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dcoracle.shim=" + ShimHost.BINARY,
                        KilledDaemon.class.getName(),
                        otherRun().toString(),
                        "i=0; while [ ! -e %s ]; do i=$((i+1)); echo $i; done; exit 44".formatted(go))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = daemon.inputReader()) {
            PodId pod = new PodId(said.readLine());
            String id = said.readLine();
            Path directory = Path.of(said.readLine());
            Path log = Path.of(said.readLine());
            daemon.destroyForcibly().waitFor();
            long size = Files.size(log);
            await().until(() -> Files.size(log) > size + 10_000);
            assertThat(go.toFile().mkdir()).isTrue();
            Reconnected after = host.shims().reconnect(pod, directory).orElseThrow();
            Exit exit =
                    after.exits().isEmpty() ? host.awaitExit(id) : after.exits().getFirst();
            assertThat(exit.code()).isEqualTo(44);
            List<String> lines = host.lines(log);
            assertThat(lines)
                    .isEqualTo(IntStream.rangeClosed(1, lines.size())
                            .mapToObj(i -> "stdout F " + i)
                            .toList());
            after.shim().acknowledge(id);
            after.shim().quit();
        }
    }

    /** Another run directory, below this host's. */
    private Path otherRun() {
        Path other = host.run.resolve("other");
        other.toFile().mkdir();
        return other;
    }

    private static String output(Answers answers) {
        return answers.program("out").stdout().utf8();
    }
}
