package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.Capability;
import dev.coracle.proto.v1.LinuxContainerUser;
import dev.coracle.proto.v1.SecurityProfile;
import dev.coracle.proto.v1.SecurityProfile.ProfileType;
import dev.coracle.proto.v1.SupplementalGroupsPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a container may do: capabilities, seccomp, masked paths, privileges, limits. */
@DaemonTest
final class SecurityTest {
    private static final long CAP_CHOWN = 1L;
    private static final long CAP_NET_BIND_SERVICE = 1L << 10;
    private static final long CAP_NET_ADMIN = 1L << 12;
    private static final long CAP_SYS_ADMIN = 1L << 21;

    private static RunningContainer start(Rig rig, Containers container) {
        return rig.run(Pods.named("security").hostNetwork()).start(container);
    }

    /** The lines of /proc/1/status. */
    private static Map<String, String> status(RunningContainer container) {
        return container
                .output("cat", "/proc/1/status")
                .lines()
                .map(l -> l.split(":\\s*", 2))
                .collect(Collectors.toMap(p -> p[0], p -> p[1].strip()));
    }

    private static long effective(RunningContainer container) {
        return HexFormat.fromHexDigitsToLong(status(container).getOrDefault("CapEff", "0"));
    }

    @Test
    @Field(
            value = "Capability.add_capabilities",
            does = "with or without CAP_; ALL; added after what is dropped by ALL")
    @Field(value = "Capability.drop_capabilities", does = "with or without CAP_; ALL")
    void capabilitiesAddedAndDropped(Rig rig) {
        long usual = effective(start(rig, rig.idle()));
        assertThat(usual & CAP_CHOWN).isNotZero();
        assertThat(usual & (CAP_NET_ADMIN | CAP_SYS_ADMIN)).isZero();
        long changed =
                effective(start(rig, rig.idle().addCapability("NET_ADMIN").dropCapability("CHOWN")));
        assertThat(changed & CAP_NET_ADMIN).isNotZero();
        assertThat(changed & CAP_CHOWN).isZero();
        assertThat(effective(start(rig, rig.idle().dropCapability("ALL")))).isZero();
        long one = effective(start(
                rig,
                rig.idle()
                        .dropCapability("ALL")
                        .addCapability(rig.isCoracle() ? "CAP_NET_BIND_SERVICE" : "NET_BIND_SERVICE")));
        assertThat(one).isEqualTo(CAP_NET_BIND_SERVICE);
        long allButOne = effective(start(rig, rig.idle().addCapability("ALL").dropCapability("SYS_ADMIN")));
        assertThat(allButOne & CAP_NET_ADMIN).isNotZero();
        assertThat(allButOne & CAP_SYS_ADMIN).isZero();
    }

    @Test
    void otherUsersHaveNoEffectiveCapabilities(Rig rig) {
        assertThat(effective(start(rig, rig.idle().user(1000, 1000)))).isZero();
    }

    /** The five sets of a process that is not root: what is ambient is in all of them, and outlives its execve. */
    @Test
    @Field(
            value = "Capability.add_ambient_capabilities",
            does = "in all five sets of the process, also where its user is not root")
    @CoracleOnly
    @Tag("vm")
    void ambientCapabilitiesAreInAllFiveSets(Rig rig) {
        RunningContainer container = start(
                rig,
                rig.idle()
                        .user(1000, 1000)
                        .security(s -> s.mergeCapabilities(Capability.newBuilder()
                                .addDropCapabilities("ALL")
                                .addAddAmbientCapabilities("NET_BIND_SERVICE")
                                .build())));
        for (String process : List.of("/proc/1/status", "/proc/self/status")) {
            assertThat(container.output("cat", process).lines().filter(l -> l.startsWith("Cap")))
                    .hasSize(5)
                    .allMatch(l -> HexFormat.fromHexDigitsToLong(l.split("\\s+", -1)[1]) == CAP_NET_BIND_SERVICE);
        }
    }

    @Test
    @Field(
            value = "LinuxContainerSecurityContext.supplemental_groups_policy",
            does = "Merge: with the groups that the image's /etc/group has for the user; Strict: without")
    @Field(value = "LinuxContainerUser.uid", does = "as which the main process was started")
    @Field(value = "LinuxContainerUser.gid", does = "the same")
    @Field(value = "LinuxContainerUser.supplemental_groups", does = "the same, the primary group among them")
    void groupsOfTheImageMergedOrNot(Rig rig) {
        for (SupplementalGroupsPolicy policy :
                List.of(SupplementalGroupsPolicy.Merge, SupplementalGroupsPolicy.Strict)) {
            RunningContainer container = start(
                    rig,
                    rig.idle()
                            .user(1000, 1000)
                            .security(s -> s.addSupplementalGroups(777).setSupplementalGroupsPolicy(policy)));
            List<Long> groups = policy == SupplementalGroupsPolicy.Merge
                    ? List.of(777L, 1000L, 2000L, 2001L)
                    : List.of(777L, 1000L);
            String shown = groups.stream().map(String::valueOf).collect(Collectors.joining(" "));
            assertThat(status(container)).containsEntry("Groups", shown);
            assertThat(container.output("grep", "Groups", "/proc/self/status").strip())
                    .endsWith("\t" + shown);
            LinuxContainerUser user = container.status().getUser().getLinux();
            assertThat(user.getUid()).isEqualTo(1000);
            assertThat(user.getGid()).isEqualTo(1000);
            assertThat(user.getSupplementalGroupsList()).containsExactlyInAnyOrderElementsOf(groups);
        }
    }

    @Test
    @Field(value = "LinuxContainerSecurityContext.no_new_privs", does = "PR_SET_NO_NEW_PRIVS")
    @Field(
            value = "SecurityProfile.profile_type",
            does = "seccomp: the built-in filter, none, or a file's; absent is none")
    void noNewPrivilegesAndSeccomp(Rig rig) {
        Map<String, String> defaults = status(start(rig, rig.idle()));
        assertThat(defaults).containsEntry("Seccomp", "2").containsEntry("NoNewPrivs", "0");
        Map<String, String> strict = status(start(rig, rig.idle().security(s -> s.setNoNewPrivs(true))));
        assertThat(strict).containsEntry("NoNewPrivs", "1");
        Map<String, String> unconfined = status(start(
                rig,
                rig.idle()
                        .security(s ->
                                s.setSeccomp(SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined)))));
        assertThat(unconfined).containsEntry("Seccomp", "0");
    }

    @Test
    void defaultProfileForbidsMounting(Rig rig) {
        RunningContainer container = start(rig, rig.idle());
        assertThat(container.exec("mount", "-t", "tmpfs", "x", "/mnt").getExitCode())
                .isNotZero();
        assertThat(container.exec("unshare", "-m", "true").getExitCode()).isNotZero();
    }

    @Test
    @Field(
            value = "SecurityProfile.localhost_ref",
            does = "seccomp: the profile's path on the node; refused with another type than Localhost")
    void localProfile(Rig rig) throws IOException {
        Path profile = rig.folder("seccomp").resolve("no-chmod.json");
        Files.writeString(profile, """
            {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
             "syscalls": [{"names": ["chmod", "fchmod", "fchmodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
            """);
        RunningContainer container = start(
                rig,
                rig.idle()
                        .security(s -> s.setSeccomp(SecurityProfile.newBuilder()
                                .setProfileType(ProfileType.Localhost)
                                .setLocalhostRef(profile.toString()))));
        assertThat(container.exec("chmod", "700", "/tmp").getExitCode()).isEqualTo(1);
        assertThat(container.exec("touch", "/tmp/x").getExitCode()).isZero();
    }

    @Test
    @Tag("vm")
    @Field(
            value = "LinuxContainerSecurityContext.masked_paths",
            does = "covered by an empty read-only directory or /dev/null; none where the list is empty")
    @Field(
            value = "LinuxContainerSecurityContext.readonly_paths",
            does = "covered by a read-only view of themselves; none where the list is empty")
    void maskedAndReadOnlyPaths(Rig rig) {
        RunningContainer container = start(rig, rig.idle());
        assertThat(container.output("cat", "/proc/timer_list")).isEmpty();
        assertThat(container.output("sh", "-c", "ls /proc/scsi 2> /dev/null || true"))
                .isEmpty();
        assertThat(container.output("ls", "/sys/firmware")).isEmpty();
        assertThat(container.exec("sh", "-c", "echo 1 > /proc/sys/kernel/panic").getExitCode())
                .isNotZero();
        assertThat(container.exec("sh", "-c", "echo h > /proc/sysrq-trigger").getExitCode())
                .isNotZero();
        if (rig.isCoracle()) {
            assertThat(container.exec("mkdir", "/sys/fs/cgroup/x").getExitCode())
                    .isNotZero();
        }
        String mounts = container.output("cat", "/proc/self/mountinfo");
        assertThat(mounts)
                .contains(" /proc ")
                .contains(" /sys ")
                .contains(" /dev/shm ")
                .contains(" /dev/mqueue ");
    }

    @Test
    void unmaskedWhereNothingIsMasked(Rig rig) {
        RunningContainer container =
                start(rig, rig.idle().security(s -> s.clearMaskedPaths().clearReadonlyPaths()));
        assertThat(container.output("cat", "/proc/self/mountinfo")).doesNotContain(" /proc/sys ");
    }

    @Test
    @Field(
            value = "LinuxContainerSecurityContext.privileged",
            does = "every capability and device, no seccomp filter, nothing masked; only in a privileged pod")
    @Field(value = "LinuxSandboxSecurityContext.privileged", does = "allows privileged containers")
    void privileged(Rig rig) {
        RunningContainer container = rig.run(
                        Pods.named("privileged").hostNetwork().privileged())
                .start(rig.idle().privileged());
        assertThat(effective(container) & CAP_SYS_ADMIN).isNotZero();
        assertThat(status(container)).containsEntry("Seccomp", "0");
        assertThat(container.exec("mount", "-t", "tmpfs", "x", "/mnt").getExitCode())
                .isZero();
        assertThat(container.output("ls", "/dev")).contains("kmsg");
        assertThat(container.output("sh", "-c", "test -w /proc/sys/kernel/panic && echo writable"))
                .isEqualTo("writable\n");
    }

    @Test
    void readOnlyRootFileSystem(Rig rig) {
        RunningContainer container = start(rig, rig.idle().security(s -> s.setReadonlyRootfs(true)));
        assertThat(container.exec("touch", "/file").getExitCode()).isEqualTo(1);
        assertThat(container.exec("touch", "/dev/shm/file").getExitCode()).isZero();
    }

    @Test
    void devicesAreTheUsualOnes(Rig rig) {
        RunningContainer container = start(rig, rig.idle());
        List<String> devices = container.output("ls", "/dev").lines().toList();
        assertThat(devices)
                .contains("full", "null", "random", "tty", "urandom", "zero", "fd", "stdin", "stdout", "stderr")
                .contains("ptmx", "pts", "shm", "mqueue")
                .doesNotContain("vda", "kvm", "kmsg", "mem");
        assertThat(container
                        .output("sh", "-c", "echo lost > /dev/null; head -c 4 /dev/zero | wc -c")
                        .strip())
                .isEqualTo("4");
        assertThat(container
                        .exec("sh", "-c", "mknod /dev/mem2 c 1 1 && head -c 1 /dev/mem2")
                        .getExitCode())
                .isNotZero();
    }

    @Test
    @Field(
            value = "LinuxContainerResources.oom_score_adj",
            does = "of the main process; not lower than the daemon's own without CAP_SYS_RESOURCE")
    void limitsAndOomScore(Rig rig) throws IOException {
        String shown = start(rig, rig.idle()).output("/t/show");
        if (rig.isCoracle()) {
            assertThat(shown).contains("limit.nofile 1024 " + Math.min(524_288, mostFiles()) + "\n");
        }
        String guarded = start(rig, rig.idle().named("guarded").resources(r -> r.setOomScoreAdj(-997)))
                .output("cat", "/proc/1/oom_score_adj");
        assertThat(Integer.parseInt(guarded.strip())).isEqualTo(Math.max(-997, leastOomScoreAdj()));
        assertThat(shown).contains("oom_score_adj 1000\n").contains("umask 0022\n");
        assertThat(shown.lines().filter(l -> l.startsWith("fd.")).toList())
                .as("nothing but standard streams is open")
                .hasSize(3);
    }

    @Test
    @CoracleOnly
    void thatARightIsMissingIsSaidOnceForAll(Rig rig) throws IOException {
        rig.daemon().stop();
        long before = saidOfScores(rig);
        rig.startDaemon();
        RunningPod pod = rig.run(Pods.named("guarded").hostNetwork());
        for (String name : List.of("one", "two", "three")) {
            RunningContainer container = pod.start(rig.idle().named(name).resources(r -> r.setOomScoreAdj(-997)));
            assertThat(container.output("cat", "/proc/1/oom_score_adj").strip())
                    .isEqualTo(String.valueOf(Math.max(-997, leastOomScoreAdj())));
        }
        rig.daemon().stop(); // all that it had to say is in its log then
        long after = saidOfScores(rig);
        rig.startDaemon();
        assertThat(after - before).isEqualTo(leastOomScoreAdj() > -997 ? 1 : 0);
    }

    private static long saidOfScores(Rig rig) {
        return rig.daemon()
                .log()
                .lines()
                .filter(line -> line.contains("oom_score_adj"))
                .count();
    }

    /** How many files the daemon, which has our limits and rights, may allow a process. */
    private static long mostFiles() throws IOException {
        String limits = Files.readString(Path.of("/proc/self/limits"));
        String hard = limits.replaceAll("(?s).*Max open files\\s+\\w+\\s+(\\w+).*", "$1");
        return mayRaiseLimits() || hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
    }

    private static int leastOomScoreAdj() throws IOException {
        return mayRaiseLimits()
                ? -1000
                : Integer.parseInt(
                        Files.readString(Path.of("/proc/self/oom_score_adj")).strip());
    }

    /** CAP_SYS_RESOURCE. */
    private static boolean mayRaiseLimits() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        String effective = status.replaceAll("(?s).*CapEff:\\s*(\\w+).*", "$1");
        return (Long.parseUnsignedLong(effective, 16) >> 24 & 1) == 1;
    }

    @Test
    @Field(
            value = "LinuxPodSandboxConfig.sysctls",
            does = "set in the pod's namespaces; what belongs to no namespace of the pod's own is refused")
    void sysctlsOfThePod(Rig rig) {
        RunningContainer container = rig.run(
                        Pods.named("sysctl").sysctl("net.core.somaxconn", "77").sysctl("kernel.shm_rmid_forced", "1"))
                .start(rig.idle());
        assertThat(container.output("cat", "/proc/sys/net/core/somaxconn")).isEqualTo("77\n");
        assertThat(container.output("cat", "/proc/sys/kernel/shm_rmid_forced")).isEqualTo("1\n");
        if (rig.isCoracle()) {
            assertThat(container.output("cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"))
                    .isEqualTo("0\n");
            assertThat(container.output("cat", "/proc/sys/net/ipv4/ping_group_range")
                            .split("\\s+", -1)[0])
                    .isEqualTo("0");
        }
    }

    @Test
    @Field(value = "ContainerConfig.tty", does = "standard streams are a terminal of the container's own devpts")
    void terminal(Rig rig) {
        RunningContainer container = start(
                rig,
                rig.busybox("tty; test -t 0 && test -t 1 && test -t 2 && echo all")
                        .tty());
        container.awaitExit();
        assertThat(container.log().stdout().replace("\r", ""))
                .contains("/dev/pts/0\n")
                .contains("all\n");
    }
}
