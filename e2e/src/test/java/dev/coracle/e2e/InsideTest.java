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
