package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.LinuxContainerResources;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import dev.coracle.proto.v1.UpdatePodSandboxResourcesRequest;
import dev.coracle.proto.v1.WindowsContainerResources;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits that change: in the kernel, in the status, and not at all where one of them is refused. */
@DaemonTest
final class LimitChangeTest {

    private static void hasLimit(RunningContainer container, String v1, String v2, String expected) {
        ContainerCgroup group = ContainerCgroup.of(container.id());
        assertThat(group.read(v1, v2)).isEqualTo(expected);
    }

    @Test
    @Tag("vm")
    @Field(
            value = "LinuxContainerResources.cpu_period",
            does = "µs; 0 is the kernel's usual 100,000, or what it was before")
    @Field(
            value = "LinuxContainerResources.memory_swap_limit_in_bytes",
            does = "memory and swap together; 0 means no swap, or what it was before; less than the memory limit is"
                    + " refused")
    void whatIsNotGivenStaysAsItIs(Rig rig) {
        RunningContainer container = rig.run(Pods.named("partly").hostNetwork())
                .start(rig.idle()
                        .memory(64)
                        .resources(
                                r -> r.setCpuPeriod(50_000).setCpuQuota(25_000).setMemorySwapLimitInBytes(96 << 20)));
        container.update(LinuxContainerResources.newBuilder().setCpuQuota(30_000));
        container.update(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(80 << 20));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        if (group.isV2()) {
            assertThat(group.read("", "cpu.max")).isEqualTo("30000 50000");
            assertThat(group.read("", "memory.swap.max")).isEqualTo(String.valueOf(16 << 20));
        } else {
            assertThat(group.read("cpu/cpu.cfs_period_us", "")).isEqualTo("50000");
            assertThat(group.read("cpu/cpu.cfs_quota_us", "")).isEqualTo("30000");
            assertThat(group.read("memory/memory.memsw.limit_in_bytes", "")).isEqualTo(String.valueOf(96 << 20));
        }
        hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", String.valueOf(80 << 20));
        LinuxContainerResources shown = container.status().getResources().getLinux();
        assertThat(shown.getCpuPeriod()).isEqualTo(50_000);
        assertThat(shown.getCpuQuota()).isEqualTo(30_000);
        assertThat(shown.getMemorySwapLimitInBytes()).isEqualTo(96 << 20);
    }

    @Test
    @Tag("vm")
    void memoryAndSwapGoUpAndDownTogether(Rig rig) {
        RunningContainer container = rig.run(Pods.named("upanddown").hostNetwork())
                .start(rig.idle().memory(64).resources(r -> r.setMemorySwapLimitInBytes(64 << 20)));
        boolean v2 = ContainerCgroup.of(container.id()).isV2();
        for (int mib : new int[] {256, 32, 128, 48}) {
            String bytes = String.valueOf((long) mib << 20);
            container.update(LinuxContainerResources.newBuilder()
                    .setMemoryLimitInBytes((long) mib << 20)
                    .setMemorySwapLimitInBytes((long) mib << 20));
            hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", bytes);
            hasLimit(container, "memory/memory.memsw.limit_in_bytes", "memory.swap.max", v2 ? "0" : bytes);
        }
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    void lessMemoryThanIsInUseIsRefusedAndNothingChanges(Rig rig) {
        RunningContainer container = rig.run(Pods.named("shrink").hostNetwork())
                .start(rig.busybox("exec /t/hog 30").memory(64));
        container.awaitLog("took 30");
        Refused.anyhow(() -> container.update(
                LinuxContainerResources.newBuilder().setCpuQuota(30_000).setMemoryLimitInBytes(20 << 20)));
        hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", String.valueOf(64 << 20));
        ContainerCgroup group = ContainerCgroup.of(container.id());
        assertThat(group.isV2() ? group.read("", "cpu.max") : group.read("cpu/cpu.cfs_quota_us", ""))
                .doesNotStartWith("30000");
        assertThat(container.status().getResources().getLinux().getMemoryLimitInBytes())
                .isEqualTo(64 << 20);
    }

    @Test
    @Tag("vm")
    @Field(
            value = "LinuxContainerResources.cpu_shares",
            does = "cpu.shares; cpu.weight by the curve that the kubelet uses")
    void whatIsCreatedStartsWithTheNewLimits(Rig rig) {
        RunningContainer container = rig.run(Pods.named("early").hostNetwork())
                .create(rig.idle().memory(64).resources(r -> r.setCpuShares(1024)));
        container.update(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(96 << 20));
        assertThat(container.status().getResources().getLinux().getMemoryLimitInBytes())
                .isEqualTo(96 << 20);
        container.start();
        hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", String.valueOf(96 << 20));
        boolean v2 = ContainerCgroup.of(container.id()).isV2();
        hasLimit(container, "cpu/cpu.shares", "cpu.weight", v2 ? "100" : "1024");
        assertThat(container.status().getResources().getLinux().getCpuShares()).isEqualTo(1024);
    }

    @Test
    @Tag("vm")
    @Field(value = "LinuxContainerResources.cpuset_mems", does = "memory nodes")
    void memoryNodesAreSet(Rig rig) {
        RunningContainer container =
                rig.run(Pods.named("nodes").hostNetwork()).start(rig.idle().resources(r -> r.setCpusetMems("0")));
        hasLimit(container, "cpuset/cpuset.mems", "cpuset.mems", "0");
        assertThat(container.status().getResources().getLinux().getCpusetMems()).isEqualTo("0");
        Refused.anyhow(
                () -> container.update(LinuxContainerResources.newBuilder().setCpusetMems("77")));
        hasLimit(container, "cpuset/cpuset.mems", "cpuset.mems", "0");
    }

    @Test
    @Tag("vm")
    @CoracleOnly
    @Field(
            value = "LinuxContainerResources.unified",
            does = "written as it is, after everything else; what is no limit's file is refused, and all of it on"
                    + " version 1")
    void filesOfVersion2AreWrittenAsTheyAre(Rig rig) {
        RunningPod pod = rig.run(Pods.named("unified").hostNetwork());
        RunningContainer container = pod.start(rig.idle().memory(64));
        LinuxContainerResources.Builder high =
                LinuxContainerResources.newBuilder().putUnified("memory.high", "33554432");
        if (ContainerCgroup.of(container.id()).isV2()) {
            container.update(high);
            hasLimit(container, "", "memory.high", "33554432");
            assertThat(container.status().getResources().getLinux().getUnifiedMap())
                    .containsEntry("memory.high", "33554432");
            RunningContainer other =
                    pod.start(rig.idle().named("other").resources(r -> r.putUnified("memory.oom.group", "1")));
            hasLimit(other, "", "memory.oom.group", "1");
        } else {
            Refused.with(Status.Code.UNIMPLEMENTED, () -> container.update(high));
        }
        Refused.anyhow(
                () -> container.update(LinuxContainerResources.newBuilder().putUnified("cgroup.procs", "1")));
    }

    @Test
    @CoracleOnly
    @Field(value = "UpdateContainerResourcesRequest.annotations", does = "ignored: no such resource is known")
    @Field(value = "UpdateContainerResourcesRequest.windows", does = "ignored: another operating system")
    void whatHasExitedTakesAnyLimit(Rig rig) {
        RunningContainer container = rig.run(Pods.named("late").hostNetwork())
                .start(rig.busybox("exit 0").memory(64));
        container.awaitExit();
        var _ = rig.client()
                .runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container.id())
                        .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(96 << 20))
                        .setWindows(WindowsContainerResources.newBuilder().setCpuCount(2))
                        .putAnnotations("any", "thing")
                        .build());
    }

    @Test
    @CoracleOnly
    void changesAtOnceLeaveWhatTheLastOneSays(Rig rig) throws Exception {
        RunningContainer container =
                rig.run(Pods.named("atonce").hostNetwork()).start(rig.idle().memory(64));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Long>> changes = new ArrayList<>();
            for (long mib = 64; mib < 80; mib++) {
                long bytes = mib << 20;
                changes.add(() -> {
                    container.update(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(bytes));
                    return bytes;
                });
            }
            for (var change : threads.invokeAll(changes)) {
                assertThat(change.get()).isPositive();
            }
        }
        long shown = container.status().getResources().getLinux().getMemoryLimitInBytes();
        hasLimit(container, "memory/memory.limit_in_bytes", "memory.max", String.valueOf(shown));
    }

    /** The pod's cgroup is the kubelet's, and changed by it already. */
    @Test
    @CoracleOnly
    @Field(
            value = "UpdatePodSandboxResourcesRequest.pod_sandbox_id",
            does = "the pod whose overhead and resources are noted; its cgroup is the kubelet's; NOT_FOUND where"
                    + " there is none")
    void whatIsSaidOfThePodIsKeptAndItsCgroupLeftAlone(Rig rig) {
        RunningPod pod = rig.run(Pods.named("podlevel").hostNetwork());
        ContainerCgroup group = ContainerCgroup.of(pod.config().getMetadata().getUid());
        String before = group.read("memory/memory.limit_in_bytes", "memory.max");
        updatePod(
                rig,
                pod,
                r -> r.setOverhead(LinuxContainerResources.newBuilder().setCpuShares(100)));
        updatePod(
                rig,
                pod,
                r -> r.setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(77 << 20)));
        assertThat(group.read("memory/memory.limit_in_bytes", "memory.max")).isEqualTo(before);
        String info = pod.info(true).get("info");
        assertThat(info).containsPattern("overhead[^}]*\"cpuShares\":100");
        assertThat(info).containsPattern("resources[^}]*\"memoryLimitInBytes\":" + (77 << 20));
        pod.stop();
        updatePod(rig, pod, r -> {});
        Refused.with(Status.Code.NOT_FOUND, () -> updatePod(rig, pod, r -> r.setPodSandboxId("0123")));
    }

    private static void updatePod(Rig rig, RunningPod pod, Consumer<UpdatePodSandboxResourcesRequest.Builder> change) {
        UpdatePodSandboxResourcesRequest.Builder request =
                UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(pod.id());
        change.accept(request);
        var _ = rig.client().runtime().updatePodSandboxResources(request.build());
    }
}
