package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.ContainerStats;
import dev.coracle.proto.v1.ContainerStatsRequest;
import dev.coracle.proto.v1.Device;
import dev.coracle.proto.v1.HugepageLimit;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.proto.v1.ListContainerStatsRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits in the container's cgroup, of either version, and the figures read from it. */
@DaemonTest
final class ResourcesTest {

    private static void hasLimit(RunningContainer container, String v1, String v2, String expected) {
        ContainerCgroup group = ContainerCgroup.of(container.id());
        assertThat(group.read(v1, v2)).isEqualTo(expected);
    }

    @Test
    @Tag("vm")
    @Field(
            value = "LinuxPodSandboxConfig.cgroup_parent",
            does = "the containers' cgroups are made below it, and it where it is missing")
    @Field(value = "LinuxContainerResources.memory_limit_in_bytes", does = "memory.max, memory.limit_in_bytes")
    @Field(value = "LinuxContainerResources.cpu_quota", does = "cpu.max, cpu.cfs_quota_us")
    @Field(value = "LinuxContainerResources.cpuset_cpus", does = "cpuset.cpus")
    void limitsAreInTheCgroupNamedByTheId(Rig rig) {
        RunningPod pod = rig.run(Pods.named("limits").hostNetwork());
        RunningContainer container = pod.start(rig.idle()
                .memory(64)
                .resources(r -> r.setCpuQuota(50_000).setCpuShares(512).setCpusetCpus("0")));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        assertThat(group.path())
                .endsWith(pod.config().getLinux().getCgroupParent().substring(1) + "/" + container.id());
        hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", String.valueOf(64 << 20));
        hasLimit(container, "cpuset/cpuset.cpus", "cpuset.cpus", "0");
        if (group.isV2()) {
            assertThat(group.read("", "cpu.max")).isEqualTo("50000 100000");
            assertThat(group.read("", "memory.swap.max")).isIn("0", "max");
        } else {
            assertThat(group.read("cpu/cpu.cfs_quota_us", "")).isEqualTo("50000");
            assertThat(group.read("cpu/cpu.shares", "")).isEqualTo("512");
        }
        assertThat(group.processes()).isNotEmpty();
    }

    @Test
    @Tag("vm")
    @Field(
            value = "UpdateContainerResourcesRequest.container_id",
            does = "running: its cgroup is changed, all or nothing; created: its request")
    void limitsCanBeChangedWhileItRuns(Rig rig) {
        RunningContainer container = rig.run(Pods.named("update").hostNetwork())
                .start(rig.idle().memory(64).resources(r -> r.setCpuQuota(50_000)));
        container.update(LinuxContainerResources.newBuilder()
                .setCpuPeriod(100_000)
                .setCpuQuota(70_000)
                .setMemoryLimitInBytes(128 << 20));
        hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", String.valueOf(128 << 20));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        assertThat(group.isV2() ? group.read("", "cpu.max") : group.read("cpu/cpu.cfs_quota_us", ""))
                .startsWith("70000");
        LinuxContainerResources shown = container.status().getResources().getLinux();
        assertThat(shown.getMemoryLimitInBytes()).isEqualTo(128 << 20);
        assertThat(shown.getCpuQuota()).isEqualTo(70_000);
    }

    @Test
    @CoracleOnly
    void failedChangeChangesNothing(Rig rig) {
        RunningContainer container = rig.run(Pods.named("rollback").hostNetwork())
                .start(rig.idle().memory(64).resources(r -> r.setCpuQuota(50_000)));
        Refused.anyhow(() -> container.update(LinuxContainerResources.newBuilder()
                .setCpuQuota(70_000)
                .setCpuPeriod(100_000)
                .setCpusetCpus("4000")));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        assertThat(group.isV2() ? group.read("", "cpu.max") : group.read("cpu/cpu.cfs_quota_us", ""))
                .startsWith("50000");
        assertThat(container.status().getResources().getLinux().getCpuQuota()).isEqualTo(50_000);
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    @Field(
            value = "HugepageLimit.page_size",
            does = "chooses the file of the hugetlb controller; one that the node cannot limit is refused, unless the"
                    + " limit is 0")
    @Field(value = "HugepageLimit.limit", does = "hugetlb.SIZE.max, hugetlb.SIZE.limit_in_bytes")
    void hugePages(Rig rig) {
        RunningPod pod = rig.run(Pods.named("huge").hostNetwork());
        Containers container = rig.idle()
                .resources(r -> r.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 << 20)));
        // beside version 1 a kubelet does not look at version 2, whatever that controls
        List<Path> hierarchies = PodCgroup.hierarchies();
        boolean controlled = hierarchies.stream().anyMatch(root -> root.endsWith("hugetlb"))
                || (hierarchies.size() == 1
                        && controllers(hierarchies.getFirst()).contains("hugetlb"));
        if (controlled) {
            hasLimit(
                    pod.start(container),
                    "hugetlb/hugetlb.2MB.limit_in_bytes",
                    "hugetlb.2MB.max",
                    String.valueOf(4 << 20));
        } else {
            assertThat(Refused.with(Status.Code.INVALID_ARGUMENT, () -> pod.create(container)))
                    .contains("hugepage_limits");
        }
        Containers unknown = rig.idle()
                .named("unknown")
                .resources(r -> r.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize("3MB").setLimit(0)));
        assertThat(pod.start(unknown).output("echo", "runs")).isEqualTo("runs\n");
        Containers limited = rig.idle()
                .named("limited")
                .resources(r -> r.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize("3MB").setLimit(3 << 20)));
        assertThat(Refused.with(Status.Code.INVALID_ARGUMENT, () -> pod.create(limited)))
                .contains("this node has no huge pages of 3MB");
    }

    private static String controllers(Path root) {
        try {
            return Files.readString(root.resolve("cgroup.controllers"));
        } catch (IOException e) {
            return ""; // version 1
        }
    }

    /** A device that anybody may open who can see it and whose cgroup lets them. */
    @Test
    @Tag("vm")
    void onlyTheDevicesThatAreAllowed(Rig rig) {
        RunningPod pod = rig.run(Pods.named("devices").hostNetwork());
        RunningContainer with = pod.start(rig.idle()
                .in(
                        pod.config(),
                        c -> c.addDevices(Device.newBuilder()
                                .setHostPath("/dev/cpu_dma_latency")
                                .setContainerPath("/dev/own")
                                .setPermissions("r"))));
        String refused = "Operation not permitted";
        assertThat(stderr(with, ": < /dev/own")).isEmpty();
        assertThat(stderr(with, ": > /dev/own")).contains(refused);

        String numbers = with.output("stat", "-c", "0x%t 0x%T", "/dev/own").strip();
        RunningContainer without = pod.start(rig.idle().named("without"));
        assertThat(stderr(without, "mknod /own c $(printf '%d %d' " + numbers + "); : < /own"))
                .contains(refused);
        assertThat(stderr(without, "mknod /zero c 1 5; : < /zero")).isEmpty();
    }

    private static String stderr(RunningContainer container, String script) {
        return container.exec("sh", "-c", script).getStderr().toStringUtf8();
    }

    @Test
    @Field(value = "ContainerStatsRequest.container_id", does = "a container's figures, or NOT_FOUND")
    void statsAreTheContainersOwn(Rig rig) {
        RunningPod pod = rig.run(Pods.named("stats").hostNetwork());
        RunningContainer container = pod.start(rig.busybox(
                "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; head -c 8000000 /dev/zero > /written; exec"
                        + " /t/hog 20"));
        container.awaitLog("took 20");
        ContainerStats stats = Waiting.until(
                "the written file is counted",
                Duration.ofSeconds(30),
                () -> java.util.Optional.of(stats(rig, container))
                        .filter(s -> s.getWritableLayer().getUsedBytes().getValue() >= 8_000_000));
        assertThat(stats.getAttributes().getId()).isEqualTo(container.id());
        assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("main");
        assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isGreaterThan(1_000_000);
        assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isBetween(20L << 20, 60L << 20);
        assertThat(stats.getWritableLayer().getInodesUsed().getValue()).isPositive();
        assertThat(rig.client()
                        .runtime()
                        .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                        .getStatsList())
                .anyMatch(s -> s.getAttributes().getId().equals(container.id()));
    }

    private static ContainerStats stats(Rig rig, RunningContainer container) {
        return rig.client()
                .runtime()
                .containerStats(ContainerStatsRequest.newBuilder()
                        .setContainerId(container.id())
                        .build())
                .getStats();
    }

    @Test
    void parentIsMadeWhereTheKubeletHasNot(Rig rig) {
        Pods pods = Pods.named("parent").hostNetwork().on(rig.node());
        String parent = rig.node().cgroupParent() + "/made-by-runtime/pod" + pods.uid();
        String id = rig.client().runPod(pods.cgroupParent(parent).build());
        RunningPod pod = new RunningPod(rig.client(), id, pods.build());
        RunningContainer container = pod.start(rig.idle());
        assertThat("/" + ContainerCgroup.of(container.id()).path()).startsWith(parent);
        pod.remove();
        PodCgroup.removeTree(rig.node().cgroupParent() + "/made-by-runtime");
    }
}
