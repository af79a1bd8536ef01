package dev.coracle.planner;

import java.util.Map;
import java.util.Set;

/**
 * What this machine and its kernel can do, found once at start. Planners decide by it and look nowhere else.
 *
 * @param hostname of the host's own UTS namespace
 * @param lowerdirPlus whether an overlay really mounts with {@code lowerdir+}: 5.10 and 6.1 accept the option and fail when
 *     the file system is created
 * @param capabilities the bounding set of this process: what a container can be given at most
 * @param oomScoreAdj this process's own, -1000 to 1000
 * @param hardLimits rlimit name ({@code nofile}) to this process's own hard limit; -1 for none
 * @param seccomp whether the kernel filters system calls
 * @param apparmor whether AppArmor is enabled, and its file system in sight
 * @param selinux whether SELinux is enabled, and which labels its policy has for containers
 * @param hugepageSizes as file names have them: {@code 2MB}, {@code 1GB}
 * @param noUserNamespaces why pods cannot have user namespaces of their own, for people; empty where they can
 */
public record Host(
        String hostname,
        KernelRelease kernel,
        Architecture architecture,
        CgroupLayout cgroups,
        boolean lowerdirPlus,
        CapabilitySet capabilities,
        int oomScoreAdj,
        Map<String, Long> hardLimits,
        boolean seccomp,
        boolean apparmor,
        SelinuxPolicy selinux,
        Set<String> hugepageSizes,
        String noUserNamespaces) {
    public Host {
        hardLimits = Map.copyOf(hardLimits);
        hugepageSizes = Set.copyOf(hugepageSizes);
    }

    /** Whether pods can have user namespaces of their own, idmapped layers and volumes included. */
    public boolean userNamespaces() {
        return noUserNamespaces.isEmpty();
    }

    /** Whether limits may be set higher than this process's own: {@code CAP_SYS_RESOURCE}. */
    public boolean mayRaiseLimits() {
        return capabilities.has("SYS_RESOURCE");
    }

    /** The value itself, or this process's own where it may not go below that. Range: -1000 to 1000. */
    public int oomScoreAdjWithin(long wanted) {
        int lowest = mayRaiseLimits() ? -1000 : oomScoreAdj;
        return Math.clamp(wanted, lowest, 1000);
    }

    /** The value itself, or this process's own hard limit where it may not be raised; -1 means no limit. */
    public long limitWithin(String name, long wanted) {
        long own = hardLimits.getOrDefault(name, -1L);
        boolean within = mayRaiseLimits() || own == -1 || (wanted != -1 && wanted <= own);
        return within ? wanted : own;
    }
}
