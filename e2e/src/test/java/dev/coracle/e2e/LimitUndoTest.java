package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.LinuxContainerResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A change of limits happens as a whole or not at all, and writes what differs, in an order that the kernel takes. */
@DaemonTest
@CoracleOnly
final class LimitUndoTest {
    private static final String[] CONTROLLERS = {"cpuset", "cpu", "memory"};

    private static RunningContainer limited(Rig rig) {
        return rig.run(Pods.named("undo").hostNetwork())
                .start(rig.idle()
                        .memory(64)
                        .resources(r -> r.setCpuShares(1024)
                                .setCpuPeriod(100_000)
                                .setCpuQuota(25_000)
                                .setMemorySwapLimitInBytes(64 << 20)));
    }

    private static List<String> limits(ContainerCgroup group) {
        return group.isV2()
                ? List.of(
                        group.read("", "cpuset.cpus.effective"),
                        group.read("", "cpu.weight"),
                        group.read("", "cpu.max"),
                        group.read("", "memory.max"),
                        group.read("", "memory.swap.max"),
                        group.read("", "memory.oom.group"))
                : List.of(
                        group.read("cpuset/cpuset.cpus", ""),
                        group.read("cpu/cpu.shares", ""),
                        group.read("cpu/cpu.cfs_period_us", ""),
                        group.read("cpu/cpu.cfs_quota_us", ""),
                        group.read("memory/memory.limit_in_bytes", ""),
                        group.read("memory/memory.memsw.limit_in_bytes", ""));
    }

    /** The kernel refuses what comes last: a quota beyond the pod's on version 1, a file's nonsense on version 2. */
    @Test
    @Tag("vm")
    void whatWasWrittenBeforeARefusalIsPutBack(Rig rig) throws IOException {
        RunningContainer container = limited(rig);
        ContainerCgroup group = ContainerCgroup.of(container.id());
        List<String> before = limits(group);
        LinuxContainerResources shown = container.status().getResources().getLinux();
        LinuxContainerResources.Builder change =
                LinuxContainerResources.newBuilder().setCpusetCpus("0").setCpuShares(700);
        if (group.isV2()) {
            change.setCpuQuota(60_000).setMemoryLimitInBytes(96 << 20).putUnified("memory.oom.group", "nonsense");
        } else {
            Files.writeString(Path.of("/sys/fs/cgroup/cpu", group.path()).resolveSibling("cpu.cfs_quota_us"), "50000");
            change.setCpuQuota(60_000);
        }
        String weight = group.isV2() ? "cpu.weight" : "cpu.shares";
        try (WrittenFiles written = WrittenFiles.in(group.directories(CONTROLLERS))) {
            assertThat(Refused.anyhow(() -> container.update(change)))
                    .contains(group.isV2() ? "memory.oom.group" : "cpu.cfs_quota_us", "EINVAL");
            assertThat(written.until(weight)).contains(weight);
        }
        assertThat(limits(group)).isEqualTo(before);
        assertThat(container.status().getResources().getLinux()).isEqualTo(shown);
        container.update(LinuxContainerResources.newBuilder().setCpuShares(700));
        assertThat(group.read("cpu/cpu.shares", "cpu.weight")).isEqualTo(group.isV2() ? "75" : "700");
    }

    /** What cannot be noted does not hold either: after a restart nobody would know of it. */
    @Test
    void whatCannotBeRecordedIsPutBack(Rig rig) {
        RunningContainer container = limited(rig);
        ContainerCgroup group = ContainerCgroup.of(container.id());
        List<String> before = limits(group);
        LinuxContainerResources.Builder change =
                LinuxContainerResources.newBuilder().setCpuShares(700).setMemoryLimitInBytes(96 << 20);
        String run = rig.daemon().dirs().run().toString();
        rig.node().command("mount", "--bind", run, run).text();
        try {
            rig.node().command("mount", "-o", "remount,bind,ro", run).text();
            assertThat(Refused.anyhow(() -> container.update(change))).isNotEmpty();
            assertThat(limits(group)).isEqualTo(before);
        } finally {
            rig.node().command("umount", run).text();
        }
        container.update(change);
        assertThat(group.read("memory/memory.limit_in_bytes", "memory.max")).isEqualTo(String.valueOf(96 << 20));
    }

    @Test
    @Tag("vm")
    void onlyWhatDiffersIsWritten(Rig rig) {
        RunningContainer container = limited(rig);
        ContainerCgroup group = ContainerCgroup.of(container.id());
        LinuxContainerResources.Builder same = LinuxContainerResources.newBuilder()
                .setCpuPeriod(100_000)
                .setCpuQuota(25_000)
                .setCpuShares(1024)
                .setMemoryLimitInBytes(64 << 20)
                .setMemorySwapLimitInBytes(64 << 20);
        String weight = group.isV2() ? "cpu.weight" : "cpu.shares";
        String memory = group.isV2() ? "memory.max" : "memory.limit_in_bytes";
        try (WrittenFiles written = WrittenFiles.in(group.directories(CONTROLLERS))) {
            container.update(same);
            container.update(same.setCpuShares(700));
            assertThat(written.until(weight)).containsExactly(weight);
            container.update(same.setMemoryLimitInBytes(48 << 20).setMemorySwapLimitInBytes(64 << 20));
            assertThat(written.until(memory)).contains(memory).doesNotContain(weight, "cpu.cfs_quota_us", "cpu.max");
        }
    }

    /** Each step would be refused the other way round: memory above memory and swap, a share of time above the pod's. */
    @Test
    @Tag("vm")
    void pairsGrowAndShrinkWithinTheirBounds(Rig rig) throws IOException {
        RunningContainer container = limited(rig);
        ContainerCgroup group = ContainerCgroup.of(container.id());
        if (!group.isV2()) {
            Files.writeString(Path.of("/sys/fs/cgroup/cpu", group.path()).resolveSibling("cpu.cfs_quota_us"), "50000");
        }
        // half of a processor each time, and the pod has no more
        for (long period : new long[] {20_000, 200_000, 50_000, 100_000}) {
            container.update(time(period, period / 2));
            assertThat(limits(group)).containsAnyOf(String.valueOf(period / 2), period / 2 + " " + period);
        }
        for (long mebibytes : new long[] {256, 32, 128, 48}) {
            container.update(LinuxContainerResources.newBuilder()
                    .setMemoryLimitInBytes(mebibytes << 20)
                    .setMemorySwapLimitInBytes(mebibytes << 20));
            assertThat(group.read("memory/memory.limit_in_bytes", "memory.max"))
                    .isEqualTo(String.valueOf(mebibytes << 20));
        }
    }

    private static LinuxContainerResources.Builder time(long period, long quota) {
        return LinuxContainerResources.newBuilder().setCpuPeriod(period).setCpuQuota(quota);
    }
}
