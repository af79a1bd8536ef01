package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.linux.MountTable;
import dev.coracle.planner.CgroupLayout;
import dev.coracle.planner.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on whatever machine this is, so it holds what was found against what the kernel says elsewhere. */
final class HostProbeTest {
    @TempDir
    private Path scratch;

    @Test
    void findsThisMachine() throws IOException {
        Path layers = Files.createDirectory(scratch.resolve("layers"));
        Path work = Files.createDirectory(scratch.resolve("work"));

        Host host = HostProbe.probe(layers, work, Path.of(System.getProperty("coracle.shim")));

        assertThat(host.hostname())
                .isEqualTo(
                        Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        assertThat(Files.readString(Path.of("/proc/version")))
                .contains("Linux version " + host.kernel().major() + "."
                        + host.kernel().minor() + ".");
        assertThat(host.capabilities().has("SYS_ADMIN"))
                .as("these tests run as root")
                .isTrue();
        assertThat(host.hardLimits()).containsKeys("nofile", "nproc");
        assertThat(List.of(layers, work))
                .as("nothing is left of the probing")
                .allSatisfy(directory -> assertThat(directory).isEmptyDirectory());
        if (host.kernel().atLeast(6, 8)) {
            assertThat(host.lowerdirPlus()).isTrue();
        }
        if (!host.kernel().atLeast(6, 5)) {
            assertThat(host.lowerdirPlus()).isFalse();
        }
    }

    @Test
    void tellsControllersFromOtherOptions() throws IOException {
        Path mountinfo = scratch.resolve("mountinfo");
        Files.writeString(mountinfo, """
            30 20 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct
            31 20 0:27 / /sys/fs/cgroup/systemd rw,nosuid - cgroup cgroup rw,xattr,name=systemd
            32 20 0:28 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
            """);

        CgroupLayout found = HostProbe.cgroups(MountTable.read(mountinfo));

        if (found instanceof CgroupLayout.V2) {
            return; // on a machine with version 2 only, what is mounted elsewhere says nothing
        }
        assertThat(found)
                .isEqualTo(new CgroupLayout.Hybrid(
                        Map.of(
                                "cpu", "/sys/fs/cgroup/cpu,cpuacct",
                                "cpuacct", "/sys/fs/cgroup/cpu,cpuacct",
                                "name=systemd", "/sys/fs/cgroup/systemd"),
                        "/sys/fs/cgroup/unified"));
    }
}
