package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a container sees of itself: its console, and its place among the control groups. */
@DaemonTest
final class InsideTest {
    private static RunningPod pod(Rig rig) {
        return rig.run(Pods.named("inside").hostNetwork());
    }

    @Test
    @Tag("vm")
    void theConsoleIsTheTerminalItself(Rig rig) {
        RunningContainer container = pod(rig).start(
                        rig.busybox("test -t 0 && echo to the console > /dev/console; exec /t/pause")
                                .tty());
        container.awaitLog("to the console");
        String terminal = container.output("stat", "-c", "%d %i %t:%T", "/dev/pts/0");
        assertThat(container.output("stat", "-c", "%d %i %t:%T", "/dev/console"))
                .as("one node of one devpts, the container's own")
                .isEqualTo(terminal);
        assertThat(container.output("grep", " /dev/console ", "/proc/self/mountinfo"))
                .contains(" /0 /dev/console ")
                .contains(" - devpts ");
    }

    @Test
    @Tag("vm")
    void withoutATerminalThereIsNoConsole(Rig rig) {
        RunningContainer usual = pod(rig).start(rig.idle());
        assertThat(usual.output("ls", "/dev").lines()).contains("null").doesNotContain("console");
        RunningContainer privileged = rig.run(
                        Pods.named("all-devices").hostNetwork().privileged())
                .start(rig.idle().privileged());
        assertThat(privileged.output("ls", "/dev").lines())
                .contains("kmsg")
                .as("the node's is not the container's")
                .doesNotContain("console");
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    void itsOwnGroupIsTheRootOfAll(Rig rig) throws IOException {
        RunningContainer container = pod(rig).start(rig.idle());
        for (String process : List.of("/proc/1/cgroup", "/proc/self/cgroup")) {
            assertThat(container.output("cat", process).lines())
                    .as(process)
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(":/"));
        }
        String own = container.output("readlink", "/proc/1/ns/cgroup").strip();
        assertThat(container.output("readlink", "/proc/self/ns/cgroup").strip()).isEqualTo(own);
        assertThat(own).isNotEqualTo(daemons(rig));
    }

    /** On version 1 hierarchies may be joined: cpu and cpuacct are links to the one of both then. */
    @Test
    @Tag("vm")
    @CoracleOnly
    void itsHierarchiesAreNamedAsTheNodesAre(Rig rig) throws IOException {
        RunningContainer container = pod(rig).start(rig.idle().resources(r -> r.setCpuShares(512)));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        if (group.isV2()) {
            assertThat(container.output("cat", "/sys/fs/cgroup/cpu.weight").strip())
                    .isEqualTo(group.read("", "cpu.weight"));
            return;
        }
        String mounts = container.output("cat", "/proc/self/mountinfo");
        for (Path hierarchy : PodCgroup.hierarchies()) {
            assertThat(mounts).contains(" / " + hierarchy + " ro,");
        }
        for (String controller : List.of("cpu", "cpuacct", "memory", "devices")) {
            Path hierarchy = Path.of("/sys/fs/cgroup", controller);
            if (Files.isSymbolicLink(hierarchy)) {
                assertThat(container.output("readlink", hierarchy.toString()).strip())
                        .isEqualTo(hierarchy.toRealPath().getFileName().toString());
            }
            assertThat(container.output("cat", hierarchy + "/cgroup.procs").lines())
                    .as("processes of its own group in %s", controller)
                    .contains("1");
        }
        assertThat(container.output("cat", "/sys/fs/cgroup/cpu/cpu.shares")).isEqualTo("512\n");
        assertThat(container
                        .exec("sh", "-c", "echo 1024 > /sys/fs/cgroup/cpu/cpu.shares")
                        .getExitCode())
                .isNotZero();
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    void aPrivilegedOneSeesTheNodesGroups(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("node-groups").hostNetwork().privileged());
        RunningContainer container = pod.start(rig.idle().privileged());
        String place = pod.config().getLinux().getCgroupParent() + "/" + container.id();
        for (String process : List.of("/proc/1/cgroup", "/proc/self/cgroup")) {
            assertThat(container.output("cat", process).lines()).as(process).anyMatch(line -> line.endsWith(place));
        }
        assertThat(container.output("readlink", "/proc/self/ns/cgroup").strip()).isEqualTo(daemons(rig));
    }

    private static String daemons(Rig rig) throws IOException {
        return Files.readSymbolicLink(
                        Path.of("/proc", String.valueOf(rig.daemon().pid()), "ns/cgroup"))
                .toString();
    }
}
