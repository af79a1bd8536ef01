package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups killed and removed, of whatever kind this machine has: v2, v1 with the freezer, v1 without. */
class GroupOpsTest {
    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    static Stream<Path> hierarchies() {
        return Stream.of("unified", "freezer", "pids", "")
                .map(Path.of("/sys/fs/cgroup")::resolve)
                .filter(path -> Files.exists(path.resolve("cgroup.procs")));
    }

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void allInAndBelowAGroupEnds(Path hierarchy) throws Exception {
        Path group = Files.createDirectory(hierarchy.resolve("coracle-test-" + directory.getFileName()));
        Path below = Files.createDirectories(group.resolve("a/b"));
        Files.createDirectory(group.resolve("empty"));
        Process bystander = start(hierarchy);
        for (int i = 0; i < 20; i++) {
            start(i % 2 == 0 ? group : below);
        }
        Process forks = start(group, "while :; do sleep 0.001 & done");
        Plan plan = Plan.titled("remove")
                .host(new GroupOp.KillAll(
                        List.of(
                                group.toString(),
                                hierarchy.resolve("coracle-test-none").toString()),
                        5_000))
                .host(new GroupOp.RemoveGroup(group.toString(), 2_000))
                .host(new GroupOp.RemoveGroup(group.toString(), 2_000))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).succeeds();
        assertThat(group).doesNotExist();
        assertThat(forks.waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(bystander.isAlive()).isTrue();
        assertThat(processes.stream().filter(Process::isAlive)).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void aGroupInUseIsNotRemoved(Path hierarchy) throws Exception {
        Path group = Files.createDirectory(hierarchy.resolve("coracle-test-" + directory.getFileName()));
        start(group);
        Plan plan = Plan.titled("remove")
                .host(new GroupOp.RemoveGroup(group.toString(), 20))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(0, "EBUSY", "");
        Plan kill = Plan.titled("remove")
                .host(new GroupOp.KillAll(List.of(group.toString()), 5_000))
                .host(new GroupOp.RemoveGroup(group.toString(), 2_000))
                .build();
        Rehearsal.of(ShimBinary.LEAN, directory, kill).succeeds();
    }

    /** A child of this test's own group cannot be the plan's to kill: the survivor is named. */
    @Test
    void aSurvivorIsNamed() throws Exception {
        Path hierarchy = hierarchies().findFirst().orElseThrow();
        Path group = Files.createDirectory(hierarchy.resolve("coracle-test-" + directory.getFileName()));
        Process forks = start(group, "while :; do sleep 0.001 & done");
        Plan plan = Plan.titled("kill")
                .host(new GroupOp.KillAll(List.of(group.toString()), 0))
                .build();
        Rehearsal.of(ShimBinary.SANITIZED, directory, plan).fails(0, "ETIMEDOUT", "survive SIGKILL; pid");
        Plan kill = Plan.titled("remove")
                .host(new GroupOp.KillAll(List.of(group.toString()), 5_000))
                .host(new GroupOp.RemoveGroup(group.toString(), 2_000))
                .build();
        Rehearsal.of(ShimBinary.LEAN, directory, kill).succeeds();
        assertThat(forks.waitFor(5, TimeUnit.SECONDS)).isTrue();
    }

    private Process start(Path group) throws IOException {
        return start(group, "sleep 1000");
    }

    private Process start(Path group, String script) throws IOException {
        Process process = new ProcessBuilder("/bin/busybox", "sh", "-c", "read go; " + script).start();
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));
        process.outputWriter().write("go\n");
        process.outputWriter().flush();
        processes.add(process);
        return process;
    }
}
