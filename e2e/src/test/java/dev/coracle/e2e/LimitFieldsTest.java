package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.HugepageLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits beside those of ResourcesTest: each is read from the container's cgroup. */
@DaemonTest
final class LimitFieldsTest {
    private static RunningPod pod(Rig rig) {
        return rig.run(Pods.named("limits").hostNetwork());
    }

    private static ContainerCgroup started(Rig rig, Containers container) {
        return ContainerCgroup.of(pod(rig).start(container).id());
    }

    @Test
    @Tag("vm")
    @Field(value = "LinuxContainerResources.cpu_period", does = "cpu.max, cpu.cfs_period_us")
    @Field("LinuxContainerResources.cpu_quota")
    void periodAndQuota(Rig rig) {
        ContainerCgroup group =
                started(rig, rig.idle().resources(r -> r.setCpuPeriod(200_000).setCpuQuota(50_000)));
        if (group.isV2()) {
            assertThat(group.read("", "cpu.max")).isEqualTo("50000 200000");
        } else {
            assertThat(group.read("cpu/cpu.cfs_period_us", "")).isEqualTo("200000");
            assertThat(group.read("cpu/cpu.cfs_quota_us", "")).isEqualTo("50000");
        }
    }

    @Test
    @Tag("vm")
    @Field(value = "LinuxContainerResources.cpu_shares", does = "cpu.shares; on cgroup v2 cpu.weight")
    void shares(Rig rig) {
        ContainerCgroup group = started(rig, rig.idle().resources(r -> r.setCpuShares(8192)));
        if (group.isV2()) { // by the one curve or the other; where nothing is said it is 100
            assertThat(Integer.parseInt(group.read("", "cpu.weight"))).isBetween(300, 600);
        } else {
            assertThat(group.read("cpu/cpu.shares", "")).isEqualTo("8192");
        }
    }

    @Test
    @Tag("vm")
    @Field(
            value = "LinuxContainerResources.memory_swap_limit_in_bytes",
            does = "memory and swap together: memory.swap.max less the memory, memory.memsw.limit_in_bytes; 0 is no"
                    + " swap")
    void swap(Rig rig) {
        ContainerCgroup group =
                started(rig, rig.idle().memory(64).resources(r -> r.setMemorySwapLimitInBytes(96 << 20)));
        assumeTrue(
                group.isV2() || Files.exists(Path.of("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")),
                "this kernel does not count swap");
        if (group.isV2()) {
            assertThat(group.read("", "memory.swap.max")).isEqualTo(String.valueOf(32 << 20));
        } else {
            assertThat(group.read("memory/memory.memsw.limit_in_bytes", "")).isEqualTo(String.valueOf(96 << 20));
        }
    }

    @Test
    @CoracleOnly
    @Field(value = "LinuxContainerResources.cpuset_mems", does = "cpuset.mems")
    void memoryNodes(Rig rig) {
        assertThat(started(rig, rig.idle().resources(r -> r.setCpusetMems("0")))
                        .read("cpuset/cpuset.mems", "cpuset.mems"))
                .isEqualTo("0");
        RunningPod pod = pod(rig);
        assertThat(Refused.anyhow(() -> pod.start(rig.idle().resources(r -> r.setCpusetMems("900")))))
                .contains("cpuset.mems");
    }

    @Test
    @CoracleOnly
    @Tag("vm")
    @Field(
            value = "LinuxContainerResources.unified",
            does = "files of cgroup v2, written as they stand, after all others; refused on version 1")
    void unified(Rig rig) {
        Containers container = rig.idle().resources(r -> r.putUnified("memory.high", String.valueOf(48 << 20)));
        if (Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
            assertThat(started(rig, container).read("", "memory.high")).isEqualTo(String.valueOf(48 << 20));
        } else {
            RunningPod pod = pod(rig);
            assertThat(Refused.anyhow(() -> pod.start(container))).contains("unified");
        }
    }

    @Test
    @CoracleOnly
    @Tag("vm")
    @Field(value = "HugepageLimit.page_size", does = "such as 2MB: hugetlb.2MB.max, hugetlb.2MB.limit_in_bytes")
    void hugePages(Rig rig) {
        Containers container = huge(rig, 4);
        RunningPod pod = pod(rig);
        if (hasHugePages()) {
            ContainerCgroup group = ContainerCgroup.of(pod.start(container).id());
            assertThat(group.read("hugetlb/hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max"))
                    .isEqualTo(String.valueOf(4 << 20));
        } else {
            assertThat(Refused.anyhow(() -> pod.start(container))).contains("huge pages of 2MB");
        }
    }

    /** On a volume as a kubelet makes it for an emptyDir of huge pages. */
    @Test
    @CoracleOnly
    @Tag("vm")
    void aContainerGetsNoHugePagesBeyondItsLimit(Rig rig) throws IOException {
        assumeTrue(hasHugePages(), "no cgroup of this node counts huge pages");
        Path pool = Path.of("/proc/sys/vm/nr_hugepages");
        String before = Files.readString(pool);
        Path volume = rig.folder("pages");
        Files.writeString(pool, "8");
        try {
            assumeTrue(Files.readString(pool).strip().equals("8"), "this node has no 16 MiB of huge pages");
            rig.node()
                    .command("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "pages", volume.toString())
                    .text();
            RunningPod pod = pod(rig);
            RunningContainer limited = pod.start(huge(rig, 4).named("limited").mount(volume, "/pages"));
            assertThat(limited.exec("fallocate", "-l", "4194304", "/pages/four").getExitCode())
                    .isZero();
            assertThat(limited.exec("fallocate", "-l", "2097152", "/pages/two")
                            .getStderr()
                            .toStringUtf8())
                    .contains("No space left on device");
            RunningContainer other = pod.start(huge(rig, 8).named("other").mount(volume, "/pages"));
            assertThat(other.exec("fallocate", "-l", "6291456", "/pages/six").getExitCode())
                    .isZero();
        } finally {
            rig.removeAllPods();
            rig.node().command("umount", volume.toString());
            Files.writeString(pool, before);
        }
    }

    private static Containers huge(Rig rig, long mib) {
        return rig.idle()
                .resources(r -> r.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize("2MB").setLimit(mib << 20)));
    }

    /** A container that wants 40 processes, and says so when it has them. */
    static Containers forking(Rig rig) {
        return rig.busybox("i=0; while [ $i -lt 40 ]; do sleep 1000 & i=$((i+1)); done; echo all 40");
    }

    @Test
    @Tag("vm")
    void theKubeletsLimitOfAPodsProcessesHoldsInItsContainers(Rig rig) throws IOException {
        RunningPod free = pod(rig);
        RunningContainer many = free.start(forking(rig));
        assertThat(many.awaitExit().getExitCode()).isZero();
        assertThat(many.log().stdout()).isEqualTo("all 40\n");
        RunningPod pod = pod(rig);
        String parent = pod.config().getLinux().getCgroupParent().substring(1);
        Path root = Files.isDirectory(Path.of("/sys/fs/cgroup/pids"))
                ? Path.of("/sys/fs/cgroup/pids")
                : Path.of("/sys/fs/cgroup");
        Files.writeString(root.resolve(parent).resolve("pids.max"), "20");
        RunningContainer few = pod.start(forking(rig));
        assertThat(few.awaitExit().getExitCode()).isNotZero();
        assertThat(few.log().stderr()).contains("can't fork: Resource temporarily unavailable");
        assertThat(few.log().stdout()).isEmpty();
    }

    private static boolean hasHugePages() {
        try {
            Path controllers = Path.of("/sys/fs/cgroup/cgroup.controllers");
            return Files.isDirectory(Path.of("/sys/fs/cgroup/hugetlb"))
                    || (Files.exists(controllers)
                            && Files.readString(controllers).contains("hugetlb"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
