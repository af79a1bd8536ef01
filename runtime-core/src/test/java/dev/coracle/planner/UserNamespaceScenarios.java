package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Plan;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.Propagation;
import dev.coracle.spec.ResolvedUser;
import java.util.List;

/** Pods with user namespaces of their own, on kernels that can have them. */
final class UserNamespaceScenarios {
    private static final String LOOK = KernelScenarios.LOOK + """
        echo "== maps"; cat /proc/self/uid_map /proc/self/gid_map; readlink /proc/self/ns/user
        echo "== owners"; stat -c '%n %u %g' / /etc/passwd /bin/busybox /etc/hosts /dev /dev/pts /dev/shm /sys/class/net/lo/mtu
        """;

    private final KernelRig rig;

    private UserNamespaceScenarios(KernelRig rig) {
        this.rig = rig;
    }

    static void addTo(KernelRig rig) {
        if (!rig.host.userNamespaces()) {
            return; // that it is refused there is a test of planners
        }
        UserNamespaceScenarios all = new UserNamespaceScenarios(rig);
        all.plain();
        all.manyLayers();
        all.hostNetwork();
        all.sharedPid();
        all.privileged();
    }

    private Samples samples(String name) {
        Samples samples = rig.samples(name);
        samples.own(Samples.USER_NAMESPACE);
        return samples;
    }

    private void plain() {
        Samples samples = samples("userns");
        samples.volume(Samples.mapped(rig.volume("mapped", "")), Peering.SHARED);
        samples.volume(
                MountSpec.bind(rig.volume("unmapped", ""), "/unmapped", false, Propagation.PRIVATE), Peering.SHARED);
        String script = LOOK + """
            echo "== writes"; echo x > /new; chown 1000:1001 /new; stat -c '%u %g' /new; echo >> /etc/passwd && touch /mapped/file
            touch /unmapped/file; stat -c '%u' /unmapped
            echo "== devices"; echo x > /dev/null; dd if=/dev/zero count=1 2>/dev/null | wc -c; mknod /tmp/null c 1 3
            echo "== masked"; cat /proc/keys | wc -c; ls -A /sys/firmware | wc -l; echo 1 > /proc/sys/kernel/panic
            """;
        Plan look = KernelRig.onHost(
                "cd %s; stat -c '%%n %%u %%g' writable/userns/upper/new writable/userns/upper/etc/passwd layers/n1/etc/passwd volumes/mapped/file"
                        .formatted(rig.base));
        Plan exec = rig.exec(
                samples,
                "echo '== exec'; id -u; cat /proc/self/uid_map; readlink /proc/self/ns/user; touch /mapped/exec; pwd");
        samples.args = List.of("exec 2>&1\n" + script + "exec > /dev/null 2>&1; sleep 60");
        rig.add("userns", samples, 2, List.of(exec, look), outcome -> {
            outcome.clean();
            seenInside(outcome);
            assertThat(outcome.host(4))
                    .contains("upper/new 101000 101001")
                    .contains("upper/etc/passwd 100000 100000")
                    .contains("layers/n1/etc/passwd 0 0")
                    .contains("mapped/file 0 0");
        });
    }

    private static void seenInside(KernelOutcome outcome) {
        outcome.in("maps").contains("0     100000      65536");
        assertThat(outcome.section("owners").lines()).hasSize(8).allMatch(line -> line.endsWith(" 0 0"));
        outcome.in("writes")
                .startsWith("1000 1001")
                .contains("Permission denied")
                .endsWith("65534");
        outcome.in("devices").startsWith("512").contains("not permitted");
        outcome.in("masked").startsWith("0\n0").contains("Read-only file system");
        outcome.in("status").contains("CapEff:\t00000000a80425fb").contains("Uid:\t0\t0");
        String user = outcome.section("maps").lines().reduce((_, last) -> last).orElseThrow();
        outcome.in("exec").startsWith("0\n").contains("100000").contains(user).endsWith("/");
        assertThat(outcome.section("mounts").lines()).noneMatch(line -> line.contains("shared:"));
        assertThat(outcome.mount("/")).contains(" overlay ");
        ProcessScenarios.onlyItsOwnDescriptors(outcome);
    }

    private void manyLayers() {
        Samples samples = samples("usernslayers");
        samples.resolved = new ResolvedUser(1000, 1001, List.of(1001L, 2000L), "/home/web");
        samples.args = List.of("echo '== layers'; ls -d /l* | wc -l; id; cat /proc/self/oom_score_adj");
        rig.add("usernslayers", samples, BusyboxImage.LAYERS, List.of(), outcome -> {
            outcome.clean();
            outcome.in("layers").startsWith("118").contains("uid=1000(web) gid=1001(web) groups=1001(web),2000(data)");
        });
    }

    private void hostNetwork() {
        Samples samples = samples("usernshostnet");
        samples.podModes = Samples.in(Samples.USER_NAMESPACE, NamespaceMode.NODE, NamespaceMode.CONTAINER);
        samples.modes = samples.podModes;
        samples.args =
                List.of("exec 2>&1; readlink /proc/self/ns/net; echo '== sys'; touch /sys/kernel/x; grep ' /sys '"
                        + " /proc/self/mountinfo");
        List<Plan> host = List.of(KernelRig.onHost("readlink /proc/self/ns/net"));
        rig.add("usernshostnet", samples, 2, host, outcome -> {
            outcome.clean();
            assertThat(outcome.output()).contains(outcome.host(3).strip());
            outcome.in("sys").contains("ro,").doesNotContain("rw,nosuid");
        });
    }

    private void sharedPid() {
        Samples samples = samples("usernssharedpid");
        samples.podModes = Samples.in(Samples.USER_NAMESPACE, NamespaceMode.POD, NamespaceMode.POD);
        samples.modes = samples.podModes;
        samples.args = List.of("echo '== first'; echo shared > /dev/shm/note; ps; exec > /dev/null 2>&1; sleep 60");
        List<Plan> other = rig.other(
                "usernssharedpid",
                samples,
                "sleep 0.3; echo '== second'; cat /dev/shm/note; ps; ls -l /proc/1/root/ 2>&1");
        samples.args = List.of("echo '== first'; echo shared > /dev/shm/note; ps; exec > /dev/null 2>&1; sleep 60");
        rig.add("usernssharedpid", samples, 2, other, outcome -> {
            outcome.clean();
            outcome.in("second").startsWith("shared").contains("sleep 60").contains("Permission denied");
        });
    }

    private void privileged() {
        Samples samples = samples("usernsprivileged");
        samples.privileged = true;
        samples.capabilities = CapabilityRequest.NONE;
        samples.hostDevices = List.of(
                new HostDevice("/dev/full", "/dev/full", DeviceKind.CHARACTER, 1, 7, 0666, 0, 0, "rwm"),
                new HostDevice("/dev/urandom", "/dev/more/random", DeviceKind.CHARACTER, 1, 9, 0666, 0, 0, "rwm"));
        String script = LOOK + """
            echo "== may"; mkdir /tmp/m && mount -t tmpfs x /tmp/m && hostname other && dd if=/dev/more/random count=1 2>/dev/null | wc -c
            echo "== maynot"; echo 1 > /proc/sys/kernel/panic; dd if=/dev/kmsg count=1 of=/dev/null
            """;
        rig.add("usernsprivileged", samples, script, outcome -> {
            outcome.clean();
            outcome.in("may").isEqualTo("512");
            outcome.in("maynot").contains("Permission denied");
        });
    }
}
