package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The process that makes shims. */
class SpawnerTest {
    private static final List<Path> HIERARCHIES = List.of(
            Path.of("/sys/fs/cgroup"),
            Path.of("/sys/fs/cgroup/unified"),
            Path.of("/sys/fs/cgroup/cpuset"),
            Path.of("/sys/fs/cgroup/memory"),
            Path.of("/sys/fs/cgroup/freezer"));

    private final ShimHost host = new ShimHost();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void aKilledSpawnerIsReplacedAndItsShimsLive() {
        Shim old = host.open();
        ProcessHandle spawner =
                ProcessHandle.of(old.pid()).flatMap(ProcessHandle::parent).orElseThrow();
        spawner.destroyForcibly();
        spawner.onExit().join();
        Shim next = host.open();
        assertThat(host.lost).isEmpty();
        String id = host.start(old, "exit 3");
        assertThat(host.awaitExit(id).code()).isEqualTo(3);
        next.quit();
    }

    @Test
    void twoDaemonsInOneDirectoryAreRefused() {
        assertThatThrownBy(() -> Spawner.start(ShimHost.BINARY, host.run, List.of(), Duration.ofMillis(500)))
                .isInstanceOf(RuntimeFailure.Unavailable.class)
                .hasMessageContaining("another daemon");
    }

    @Test
    void aMissingDirectoryIsNamed() {
        assertThatThrownBy(() -> host.shims().open(new PodId(ShimHost.newId()), host.run.resolve("none")))
                .isInstanceOf(RuntimeFailure.Unavailable.class)
                .hasMessageEndingWith("directory: ENOENT");
    }

    @Test
    void aPathLongerThanASocketAddressWorks() throws IOException {
        Path deep = host.run;
        for (int i = 0; i < 5; i++) {
            deep = Files.createDirectory(deep.resolve("a-directory-with-a-long-name-" + i));
        }
        PodId pod = new PodId(ShimHost.newId());
        Shim shim = host.shims().open(pod, deep);
        try (Session session = ShimHost.exec(shim, TinyPlans.exec(ShimHost.newId(), "exit 8"))) {
            assertThat(session.read()).isNull();
            assertThat(session.exitCode()).isEqualTo(8);
        }
        shim.quit();
    }

    /** Here the version 1 hierarchies, of which cpuset is the hard one: a new group has no CPUs. The comma is one as in "cpu,cpuacct". */
    @Test
    void shimsLiveInGroupsOfTheirOwn() throws IOException {
        String name = "coracle,test-" + ShimHost.newId().substring(0, 8);
        List<Path> groups = makeGroups(name);
        Assumptions.assumeFalse(groups.isEmpty());
        makeForRootAlone(groups.getFirst().resolve("coracle"));
        makeForRootAlone(groups.getFirst().resolve("coracle/shims"));
        Path run = Files.createDirectory(host.run.resolve("other"));
        Path directory = Files.createDirectory(run.resolve("pod"));
        try (SpawnedShims shims = SpawnedShims.start(ShimHost.BINARY, run, groups, host)) {
            Shim shim = shims.open(new PodId(ShimHost.newId()), directory);
            List<String> own = Files.readAllLines(Path.of("/proc/" + shim.pid() + "/cgroup"));
            assertThat(own)
                    .filteredOn(line -> line.endsWith("/" + name + "/coracle/shims"))
                    .hasSameSizeAs(groups);
            for (Path group : groups) {
                for (String made : List.of("coracle", "coracle/shims")) {
                    assertThat(Files.getPosixFilePermissions(group.resolve(made)))
                            .as("%s: roots of user namespaces pass through, to mount what is below", made)
                            .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
            ProcessHandle process = ProcessHandle.of(shim.pid()).orElseThrow();
            shim.quit();
            process.onExit().join();
        }
        for (Path group : groups) {
            assertThat(group.resolve("coracle")).doesNotExist();
            await().until(() -> group.toFile().delete());
        }
    }

    /** CVE-2019-5736: whoever gets hold of a shim's executable cannot write to it, not even once nobody executes it any more. */
    @Test
    void theBinaryCannotBeWrittenThroughAShim() throws Exception {
        Path copy = Files.copy(ShimHost.BINARY, host.run.resolve("copy"));
        Path run = Files.createDirectory(host.run.resolve("other"));
        Path directory = Files.createDirectory(run.resolve("pod"));
        Process attacker;
        try (SpawnedShims shims = SpawnedShims.start(copy, run, List.of(), host)) {
            Shim shim = shims.open(new PodId(ShimHost.newId()), directory);
            String script = "exec 9</proc/%d/exe; echo; read line; : >>/proc/self/fd/9".formatted(shim.pid());
            attacker = new ProcessBuilder("/bin/sh", "-c", script)
                    .redirectErrorStream(true)
                    .start();
            attacker.inputReader().readLine();
            shim.quit();
        }
        attacker.outputWriter().close();
        assertThat(attacker.inputReader().readLine()).contains("Read-only file system");
        Files.newOutputStream(copy, StandardOpenOption.APPEND).close();
    }

    /** As the versions before this one left groups behind. */
    private static void makeForRootAlone(Path group) throws IOException {
        Files.createDirectory(
                group, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static List<Path> makeGroups(String name) throws IOException {
        List<Path> groups = new ArrayList<>();
        for (Path hierarchy : HIERARCHIES) {
            if (Files.exists(hierarchy.resolve("cgroup.procs"))) {
                groups.add(Files.createDirectory(hierarchy.resolve(name)));
            }
            for (String set : List.of("cpuset.cpus", "cpuset.mems")) {
                if (hierarchy.endsWith("cpuset") && Files.exists(hierarchy.resolve(set))) {
                    Files.writeString(hierarchy.resolve(name).resolve(set), Files.readString(hierarchy.resolve(set)));
                }
            }
        }
        return groups;
    }
}
