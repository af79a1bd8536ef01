package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.ChildKind;
import dev.coracle.plan.CloneFlag;
import dev.coracle.plan.CredentialOp;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.NodeType;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.ProgramAnswer;
import dev.coracle.plan.ShimBinary;
import dev.coracle.plan.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans and containers of one shim, on this machine's kernel, as root. */
@ParameterizedClass
@EnumSource(ShimBinary.class)
class ShimTest extends OnEachBuild {
    private static final long DAC_OVERRIDE = 2;
    private static final Path FREEZER = Path.of("/sys/fs/cgroup/freezer");

    ShimTest(ShimBinary build) {
        super(build);
    }

    @Test
    void aContainerRunsLogsAndExits() throws Exception {
        Shim shim = host.open();
        Instant before = Instant.now();
        String id = host.start(shim, "echo out; echo err >&2; exit 3");
        Exit exit = host.awaitExit(id);
        assertThat(exit.code()).isEqualTo(3);
        assertThat(exit.started()).isBetween(before, Instant.now());
        assertThat(exit.at()).isBetween(before, Instant.now());
        assertThat(exit.oomKilled()).isFalse();
        assertThat(host.lines(host.log(id))).containsExactlyInAnyOrder("stdout F out", "stderr F err");
        assertThat(Files.readString(host.directory(shim.pod()).resolve("exits").resolve(id)))
                .startsWith("status=768 started=");
        shim.acknowledge(id);
        assertThat(host.directory(shim.pod()).resolve("exits")).isEmptyDirectory();
        shim.quit();
        assertThat(host.lost).isEmpty();
    }

    @Test
    void aFailedOpIsNamed() {
        Shim shim = host.open();
        assertThatThrownBy(() -> shim.execute(TinyPlans.failing(), ShimHost.DEADLINE))
                .isInstanceOf(RuntimeFailure.KernelFailure.class)
                .hasMessage("fail: op 1 open - /not/there rdonly 0 -> $absent: ENOENT");
    }

    @Test
    void answersComeBack() {
        Shim shim = host.open();
        ProgramAnswer answer = shim.execute(TinyPlans.run("echo hello; exit 7", 5_000), ShimHost.DEADLINE)
                .program("out");
        assertThat(answer.stdout().utf8()).isEqualTo("hello\n");
        assertThat(answer.waitStatus()).isEqualTo(7 << 8);
    }

    @Test
    void aPlanIsKilledAtItsDeadlineWithAllItStarted() {
        Shim shim = host.open();
        Instant before = Instant.now();
        assertThatThrownBy(() -> shim.execute(
                        TinyPlans.run("setsid sleep 1234 & sleep 1234; wait", 60_000), Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        RuntimeFailure.KernelFailure.class,
                        failure -> assertThat(failure.errno()).isEqualTo(Errno.ETIMEDOUT));
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(30));
        assertThat(descendants(shim)).isEmpty();
    }

    /** Its worker sleeps until it executes its program. */
    @Test
    void anExecThatHangsBeforeItsProgramIsKilledAtItsDeadline() {
        Shim shim = host.open();
        try (Session session = shim.exec(shim.write(this::hanging), Duration.ofMillis(300))) {
            assertThatThrownBy(session::read)
                    .isInstanceOf(RuntimeFailure.KernelFailure.class)
                    .hasMessageStartingWith("hang: not done after 300 ms: ETIMEDOUT");
        }
        assertThat(descendants(shim)).isEmpty();
    }

    @Test
    void anExecThatHangsBeforeItsProgramEndsWithItsClient() {
        Shim shim = host.open();
        Session session = ShimHost.exec(shim, hanging());
        await().until(() -> descendants(shim).size() == 2);
        session.close();
        await().untilAsserted(() -> assertThat(descendants(shim)).isEmpty());
    }

    /** Root of a container has the rights that an exec there has kept, and not SYS_PTRACE: it would have the worker's memory. */
    @Test
    void anExecCannotBeTracedBeforeItsProgram() throws Exception {
        Shim shim = host.open();
        try (Session _ = ShimHost.exec(shim, hanging())) {
            await().until(() -> children(shim).filter(ShimTest::hasFewRights).count() == 1);
            Path exec = children(shim).filter(ShimTest::hasFewRights).findAny().orElseThrow();
            assertThat(untracing("exec 3< " + exec.resolve("status"))).isZero();
            assertThat(untracing("exec 3<> " + exec.resolve("mem"))).isNotZero();
        }
    }

    private static int untracing(String script) throws Exception {
        return new ProcessBuilder("setpriv", "--bounding-set=-sys_ptrace", "/bin/sh", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private Plan hanging() {
        String pipe = host.run.resolve("pipe").toString();
        Slot child = new Slot("c");
        return Plan.titled("hang")
                .host(new FileOp.Mknod(Slot.NONE, pipe, NodeType.P, 0600, 0, 0))
                .host(new ProcessOp.Clone3(TinyPlans.SHARED_MEMORY, Slot.NONE, ChildKind.EXEC, ShimHost.newId(), child))
                .at(child, new CredentialOp.Capset(DAC_OVERRIDE, DAC_OVERRIDE, 0))
                .at(child, new FileOp.Open(Slot.NONE, pipe, Set.of(OpenFlag.RDONLY), 0, new Slot("end")))
                .at(child, new ProcessOp.Execve(List.of("/bin/true"), List.of("true"), List.of()))
                .build();
    }

    static Stream<Set<CloneFlag>> waysToMakeAChild() {
        return Stream.of(Set.of(), TinyPlans.SHARED_MEMORY);
    }

    /** A frozen process takes no signal, as one in an uninterruptible wait. */
    @ParameterizedTest
    @MethodSource("waysToMakeAChild")
    @EnabledIf("hasFreezer")
    void whatDoesNotDieIsReportedAndBlocksNothing(Set<CloneFlag> flags) throws Exception {
        Path group = Files.createDirectory(
                FREEZER.resolve("coracle-test-" + ShimHost.newId().substring(0, 8)));
        Slot child = new Slot("c");
        Plan plan = Plan.titled("freeze")
                .host(new ProcessOp.Clone3(flags, Slot.NONE, ChildKind.CONTAINER, ShimHost.newId(), child))
                .at(
                        child,
                        new FileOp.Write(
                                Slot.NONE, group.resolve("cgroup.procs").toString(), Bytes.utf8("0")))
                .at(
                        child,
                        new FileOp.Write(
                                Slot.NONE, group.resolve("freezer.state").toString(), Bytes.utf8("FROZEN")))
                .at(child, new ProcessOp.Execve(List.of("/bin/true"), List.of("true"), List.of()))
                .build();
        Shim shim = host.open();
        try {
            assertThatThrownBy(() -> shim.execute(plan, Duration.ofMillis(300)))
                    .isInstanceOf(RuntimeFailure.TimedOut.class)
                    .hasMessageMatching("freeze: process \\d+ does not die, it waits in \\w+");
            // The caller's answer and the event come of the same frame, by two threads: neither waits for the other.
            await().untilAsserted(() -> assertThat(host.stuck).hasSize(1));
            assertThat(host.awaitExit(host.start(shim, "exit 2")).code()).isEqualTo(2);
        } finally {
            Files.writeString(group.resolve("freezer.state"), "THAWED");
            await().until(() -> Files.readString(group.resolve("cgroup.procs")).isEmpty());
            Files.delete(group);
        }
        await().untilAsserted(() -> assertThat(descendants(shim)).isEmpty());
    }

    @SuppressWarnings("unused") // by EnabledIf
    static boolean hasFreezer() {
        return Files.isDirectory(FREEZER);
    }

    @Test
    void killsOfTheGroupByMemoryAreKnownWithTheExit() throws Exception {
        Path events =
                Files.writeString(host.run.resolve("memory.events"), "low 0\noom 1\noom_kill 1\noom_group_kill 0\n");
        Path none = Files.writeString(
                host.run.resolve("memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
        Shim shim = host.open();
        String killed = ShimHost.newId();
        String fine = ShimHost.newId();
        shim.execute(TinyPlans.container(killed, "kill -9 $$", host.log(killed), events), ShimHost.DEADLINE);
        shim.execute(TinyPlans.container(fine, "kill -9 $$", host.log(fine), none), ShimHost.DEADLINE);
        assertThat(host.awaitExit(killed).oomKilled()).isTrue();
        assertThat(host.awaitExit(fine).oomKilled()).isFalse();
        assertThat(host.awaitExit(fine).code()).isEqualTo(137);
    }

    @Test
    void keptDescriptorsOutliveTheirPlanAndAKilledPlanLeavesNone() throws Exception {
        Shim shim = host.open();
        long before = descriptors(shim);
        shim.execute(TinyPlans.keep("file", Path.of("/etc/hostname")), ShimHost.DEADLINE);
        assertThat(descriptors(shim)).isEqualTo(before + 1);
        assertThatThrownBy(() -> shim.execute(TinyPlans.run("sleep 100", 60_000), Duration.ofMillis(200)))
                .hasMessageStartingWith("run: not done after 200 ms: ETIMEDOUT");
        assertThat(descriptors(shim)).isEqualTo(before + 1);
        shim.execute(TinyPlans.drop("file"), ShimHost.DEADLINE);
        assertThat(descriptors(shim)).isEqualTo(before);
    }

    @Test
    void aPlanThatIsKilledBeforeItBeginsEndsAtOnce() {
        Shim shim = host.open();
        long number = shim.nextPlan();
        shim.kill(number);
        assertThatThrownBy(() -> shim.execute(number, TinyPlans.run("sleep 100", 60_000), ShimHost.DEADLINE))
                .isInstanceOf(RuntimeFailure.KernelFailure.class)
                .hasMessageStartingWith("run: killed: ECANCELED");
    }

    @Test
    void stdinStaysOpenUntilItIsClosed() {
        Shim shim = host.open();
        String id = host.start(shim, "cat; echo end");
        await().during(Duration.ofMillis(200)).until(() -> !host.exits.containsKey(id));
        assertThat(shim.running(id)).isPresent();
        shim.closeStdin(id);
        assertThat(host.awaitExit(id).code()).isZero();
        assertThat(host.lines(host.log(id))).containsExactly("stdout F end");
        assertThat(shim.running(id)).isEmpty();
    }

    /** As in a shared pid namespace: the main process ends, another one goes on writing until the container is forgotten. */
    @Test
    void whatHoldsThePipesStillReachesTheLog() throws Exception {
        Shim shim = host.open();
        String id = host.start(shim, "setsid sh -c 'sleep 1; echo late; sleep 100' & echo early");
        host.awaitExit(id);
        assertThat(host.lines(host.log(id))).containsExactly("stdout F early");
        await().until(() -> host.lines(host.log(id)).size() == 2);
        assertThat(host.lines(host.log(id))).last().isEqualTo("stdout F late");
    }

    @Test
    void signalsReachTheMainProcess() {
        Shim shim = host.open();
        String id = host.start(shim, "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        await().until(() -> Files.size(host.log(id)) > 0);
        shim.signal(id, 15);
        assertThat(host.awaitExit(id).code()).isEqualTo(5);
        assertThatThrownBy(() -> shim.signal(id, 15)).isInstanceOf(RuntimeFailure.NotFound.class);
    }

    @Test
    void aSecondShimOfAPodIsRefused() {
        Shim shim = host.open();
        assertThatThrownBy(() -> host.shims().open(shim.pod(), host.directory(shim.pod())))
                .isInstanceOf(RuntimeFailure.WrongState.class)
                .hasMessageEndingWith("a shim of that pod lives");
    }

    @Test
    void aShimWithChildrenDoesNotQuit() {
        Shim shim = host.open();
        host.start(shim, "sleep 1000");
        assertThatThrownBy(shim::quit).isInstanceOf(RuntimeFailure.WrongState.class);
    }

    private static long descriptors(Shim shim) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + shim.pid() + "/fd"))) {
            return open.count();
        }
    }

    /** The directories of its processes, the plan's worker among them, in {@code /proc}. */
    private static Stream<Path> children(Shim shim) {
        return ProcessHandle.of(shim.pid())
                .orElseThrow()
                .children()
                .map(process -> Path.of("/proc", Long.toString(process.pid())));
    }

    private static boolean hasFewRights(Path process) {
        try {
            return Files.readString(process.resolve("status")).contains("\nCapPrm:\t0000000000000002\n");
        } catch (IOException _) {
            return false; // gone
        }
    }

    private static List<String> descendants(Shim shim) {
        return ProcessHandle.of(shim.pid())
                .orElseThrow()
                .descendants()
                .map(process -> process.info().commandLine().orElse("?"))
                .toList();
    }
}
