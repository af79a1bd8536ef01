package dev.coracle.planner;

import dev.coracle.spec.SelinuxLabel;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Machines that tests plan for. */
public final class Hosts {
    static final CgroupLayout.V2 VERSION_2 = new CgroupLayout.V2(
            "/sys/fs/cgroup", Set.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"));

    private static final Map<String, String> CONTROLLERS = controllers();

    static final CgroupLayout.V1 VERSION_1 = new CgroupLayout.V1(CONTROLLERS);
    static final CgroupLayout.Hybrid HYBRID = new CgroupLayout.Hybrid(CONTROLLERS, "/sys/fs/cgroup/unified");

    private Hosts() {}

    private static Map<String, String> controllers() {
        Map<String, String> mounts = new TreeMap<>();
        for (String name : Set.of("blkio", "cpuset", "devices", "freezer", "hugetlb", "memory", "pids")) {
            mounts.put(name, "/sys/fs/cgroup/" + name);
        }
        mounts.put("cpu", "/sys/fs/cgroup/cpu,cpuacct");
        mounts.put("cpuacct", "/sys/fs/cgroup/cpu,cpuacct");
        mounts.put("name=systemd", "/sys/fs/cgroup/systemd");
        return mounts;
    }

    /** A node as it should be: kernel 6.12, control groups of version 2, every right. */
    public static Host usual() {
        return with(VERSION_2, new KernelRelease(6, 12), true);
    }

    /** Debian 12: the overlay takes its lower directories in one string only. */
    static Host debian12() {
        return with(VERSION_2, new KernelRelease(6, 1), false);
    }

    static Host debian12(CgroupLayout cgroups) {
        return with(cgroups, new KernelRelease(6, 1), false);
    }

    static Host withUserNamespaces(KernelRelease kernel, boolean lowerdirPlus) {
        return with(VERSION_2, kernel, lowerdirPlus);
    }

    static Host with(CgroupLayout cgroups) {
        return with(cgroups, new KernelRelease(6, 12), true);
    }

    /** Without CAP_SYS_RESOURCE, and with own limits that are lower than the usual ones. */
    static Host restricted() {
        CapabilitySet all = usual().capabilities();
        return new Host(
                "node1",
                new KernelRelease(6, 12),
                Architecture.X86_64,
                HYBRID,
                true,
                all.minus(CapabilitySet.of("SYS_RESOURCE")),
                100,
                Map.of("nofile", 20_000L),
                true,
                false,
                SelinuxPolicy.OFF,
                Set.of(),
                "");
    }

    /** A kernel that was built without it. */
    static Host withoutSeccomp() {
        Host usual = usual();
        return new Host(
                usual.hostname(),
                usual.kernel(),
                usual.architecture(),
                usual.cgroups(),
                usual.lowerdirPlus(),
                usual.capabilities(),
                usual.oomScoreAdj(),
                usual.hardLimits(),
                false,
                usual.apparmor(),
                usual.selinux(),
                usual.hugepageSizes(),
                usual.noUserNamespaces());
    }

    /** The labels are those of Fedora's container-selinux. */
    static Host withSelinux(CgroupLayout cgroups, KernelRelease kernel, boolean lowerdirPlus) {
        SelinuxPolicy policy = new SelinuxPolicy(
                true,
                SelinuxLabel.parse("system_u:system_r:container_t:s0"),
                SelinuxLabel.parse("system_u:object_r:container_file_t:s0"),
                SelinuxLabel.parse("system_u:object_r:container_ro_file_t:s0"));
        return with(cgroups, kernel, lowerdirPlus, policy);
    }

    private static Host with(CgroupLayout cgroups, KernelRelease kernel, boolean lowerdirPlus) {
        return with(cgroups, kernel, lowerdirPlus, SelinuxPolicy.OFF);
    }

    private static Host with(CgroupLayout cgroups, KernelRelease kernel, boolean lowerdirPlus, SelinuxPolicy selinux) {
        return new Host(
                "node1",
                kernel,
                Architecture.X86_64,
                cgroups,
                lowerdirPlus,
                new CapabilitySet(0x1ff_ffff_ffffL),
                0,
                Map.of("nofile", 1_048_576L),
                true,
                false,
                selinux,
                Set.of("2MB", "1GB"),
                kernel.atLeast(6, 3) ? "" : "it needs Linux 6.3");
    }
}
