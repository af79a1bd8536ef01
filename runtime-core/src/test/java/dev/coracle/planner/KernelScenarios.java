package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.linux.SeccompCompiler;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.ResolvedUser;
import java.util.List;
import java.util.Set;

/** Pods whose containers look around and tell what the kernel says. */
final class KernelScenarios {
    /** What most of them look at. */
    static final String LOOK = """
        echo "== mounts"; cat /proc/self/mountinfo
        echo "== status"; grep -E '^(Uid|Gid|Groups|Cap[A-Z][a-z]*|NoNewPrivs|Seccomp):' /proc/self/status
        echo "== cgroup"; cat /proc/self/cgroup
        echo "== namespaces"; for n in net ipc uts pid mnt cgroup; do readlink /proc/self/ns/$n; done
        echo "== pid"; echo $$
        echo "== dev"; ls -l /dev
        echo "== links"; ip -o link
        echo "== host"; hostname
        echo "== cwd"; pwd
        echo "== env"; env
        echo "== limits"; ulimit -Sn; ulimit -Hn; umask; cat /proc/self/oom_score_adj
        echo "== files"; cat /etc/resolv.conf /etc/hosts /etc/hostname
        echo "== fds"; ls -l /proc/self/fd
        """;

    private final KernelRig rig;

    private KernelScenarios(KernelRig rig) {
        this.rig = rig;
    }

    static void addTo(KernelRig rig) {
        KernelScenarios all = new KernelScenarios(rig);
        all.plain();
        all.hostModes();
        all.sharedPid();
        all.users();
        all.rights();
        all.defaultFilter();
        all.privileged();
    }

    private Samples samples(String name) {
        return rig.samples(name);
    }

    private void plain() {
        Samples samples = samples("plain");
        samples.workingDir = "/made/here";
        String script = LOOK + """
            echo "== masked"; cat /proc/keys | wc -c; ls -A /sys/firmware | wc -l
            echo "== readonly"; echo 1 > /proc/sys/kernel/panic; mkdir /sys/fs/cgroup/x; touch /sys/x
            echo "== shm"; mount | grep ' /dev/shm '
            echo "== ping"; cat /proc/sys/net/ipv4/ip_unprivileged_port_start
            echo "== links of run"; ls -d /run/stub/resolv.conf
            """;
        rig.add("plain", samples, script, outcome -> {
            outcome.clean();
            outcome.in("pid").isEqualTo("1");
            outcome.in("host").isEqualTo("web-0");
            outcome.in("cwd").isEqualTo("/made/here");
            outcome.in("links").contains("lo:").contains("UP").doesNotContain("eth0");
            outcome.in("env").contains("HOSTNAME=web-0").contains("HOME=/root").contains("MODE=test");
            outcome.in("limits").startsWith("1024").contains("0022");
            outcome.in("files")
                    .contains("nameserver 192.0.2.1")
                    .contains("127.0.0.1 localhost")
                    .contains("web-0");
            isProtected(outcome);
            outcome.in("shm").contains("size=65536k").contains("noexec");
            outcome.in("ping").isEqualTo("0");
            outcome.in("links of run").isEqualTo("/run/stub/resolv.conf");
            assertThat(outcome.section("cgroup").lines()).isNotEmpty().allMatch(line -> line.endsWith(":/"));
            outcome.in("dev")
                    .contains("null")
                    .contains("urandom")
                    .contains("ptmx -> pts/ptmx")
                    .doesNotContain("vda");
            assertThat(outcome.mount("/")).contains(" overlay ").contains("rw,");
            assertThat(outcome.mount("/sys")).contains(" ro,");
            assertThat(outcome.mount("/proc")).contains("nosuid,nodev,noexec");
            assertThat(outcome.section("mounts")).doesNotContain("shared:").doesNotContain("master:");
            ProcessScenarios.onlyItsOwnDescriptors(outcome);
            assertThat(outcome.exit(KernelRig.id().value())).isZero();
        });
    }

    private static void isProtected(KernelOutcome outcome) {
        outcome.in("masked").isEqualTo("0\n0");
        outcome.in("readonly").contains("Read-only file system");
        outcome.in("readonly").hasLineCount(3);
    }

    private void hostModes() {
        Samples samples = samples("hostmodes");
        samples.podModes = NamespaceModes.of(NamespaceMode.NODE, NamespaceMode.NODE, NamespaceMode.NODE);
        samples.modes = samples.podModes;
        samples.hostname = "";
        List<Plan> host = List.of(KernelRig.onHost("for n in net ipc uts pid mnt; do readlink /proc/self/ns/$n; done"));
        samples.args = List.of(LOOK + "echo '== shm'; ls -d /dev/shm; grep ' /dev/shm ' /proc/self/mountinfo");
        rig.add("hostmodes", samples, 2, host, outcome -> {
            outcome.clean();
            List<String> own = outcome.section("namespaces").lines().toList();
            List<String> theirs = outcome.host(3).lines().toList();
            assertThat(own.subList(0, 4)).isEqualTo(theirs.subList(0, 4));
            assertThat(own.get(4)).isNotEqualTo(theirs.get(4));
            outcome.in("shm").contains("/dev/shm");
        });
    }

    private void sharedPid() {
        Samples samples = samples("sharedpid");
        samples.podModes = NamespaceModes.of(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD);
        samples.modes = samples.podModes;
        String first = """
            echo "== first"; echo shared > /dev/shm/note; ps; exec > /dev/null 2>&1; sleep 60\
            """;
        samples.args = List.of(first);
        // what an orphan leaves is reaped by the pod's init
        List<Plan> other = rig.other("sharedpid", samples, """
            (sleep 0.1 &) ; sleep 0.3
            echo "== second"; cat /dev/shm/note; ps; ls -l /proc/1/root/ 2>&1
            echo "== init"; grep -E '^(Name|NoNewPrivs|Seccomp):' /proc/1/status; echo "== end"\
            """);
        samples.args = List.of(first);
        rig.add("sharedpid", samples, 2, other, outcome -> {
            outcome.clean();
            outcome.in("second").startsWith("shared").contains("sleep 60").contains("Permission denied");
            outcome.in("init").isEqualTo("Name:\tpause\nNoNewPrivs:\t1\nSeccomp:\t2");
            assertThat(outcome.section("second").lines().filter(line -> line.endsWith("sleep 0.1")))
                    .isEmpty();
        });
    }

    private void users() {
        Samples samples = samples("users");
        samples.resolved = new ResolvedUser(1000, 1001, List.of(1001L, 2000L), "/home/web");
        samples.capabilities = new CapabilityRequest(List.of("NET_ADMIN"), List.of(), List.of("NET_BIND_SERVICE"));
        samples.noNewPrivs = true;
        samples.filter = Samples.allowAll();
        rig.add("users", samples, LOOK + "echo '== streams'; echo written > /dev/stdout", outcome -> {
            outcome.clean();
            outcome.in("status")
                    .contains("Uid:\t1000\t1000\t1000\t1000")
                    .contains("Gid:\t1001\t1001\t1001\t1001")
                    .contains("Groups:\t1001 2000")
                    .contains("CapInh:\t0000000000000400")
                    .contains("CapPrm:\t0000000000000400")
                    .contains("CapEff:\t0000000000000400")
                    .contains("CapBnd:\t00000000a80435fb")
                    .contains("CapAmb:\t0000000000000400")
                    .contains("NoNewPrivs:\t1")
                    .contains("Seccomp:\t2");
            outcome.in("env").contains("HOME=/home/web");
            outcome.in("streams").isEqualTo("written");
        });
    }

    private void rights() {
        Samples samples = samples("rights");
        samples.capabilities = new CapabilityRequest(List.of(), List.of("ALL"), List.of());
        samples.filter = Samples.allowAll();
        samples.resources = samples.resources.withOomScoreAdj(900);
        samples.hostDevices = List.of(
                new HostDevice("/dev/kmsg", "/dev/kmsg2", DeviceKind.CHARACTER, 1, 11, 0640, 1000, 0, "r"),
                new HostDevice("/dev/zero", "/dev/deep/zero", DeviceKind.CHARACTER, 1, 5, 0666, 0, 0, "rwm"));
        String script = LOOK + """
            echo "== devices"; ls -ln /dev/kmsg2; dd if=/dev/kmsg2 of=/dev/null count=1 bs=9999 2>&1 | grep -o 'records in' | head -1
            echo x > /dev/kmsg2; dd if=/dev/deep/zero count=1 2>/dev/null | wc -c
            echo "== refused"; mknod /tmp/mem c 1 1; cat /tmp/mem | wc -c; chown 5 /tmp
            """;
        rig.add("rights", samples, script, outcome -> {
            outcome.clean();
            outcome.in("status")
                    .contains("CapBnd:\t0000000000000000")
                    .contains("CapEff:\t0000000000000000")
                    .contains("NoNewPrivs:\t0")
                    .contains("Seccomp:\t2");
            outcome.in("limits").endsWith("900");
            outcome.in("devices").contains("crw-r-----").contains("1000").endsWith("512");
            outcome.in("refused").contains("not permitted");
        });
    }

    /** Installed without no_new_privs: what follows it until execve must be allowed by it. */
    private void defaultFilter() {
        Samples samples = samples("seccomp");
        byte[] program =
                SeccompCompiler.compile(SeccompDefault.profile(CapabilitySet.DEFAULT, rig.host.architecture()));
        samples.filter = new SeccompFilter(Bytes.of(program), Set.of());
        samples.resolved = new ResolvedUser(1000, 1001, List.of(1001L), "/home/web");
        rig.add("seccomp", samples, "echo '== refused'; unshare -U true; mount -t tmpfs x /tmp; id -u", outcome -> {
            outcome.clean();
            outcome.in("refused")
                    .contains("unshare: unshare(0x10000000): Operation not permitted")
                    .endsWith("1000");
        });
    }

    private void privileged() {
        Samples samples = samples("privileged");
        samples.privileged = true;
        samples.hostDevices =
                List.of(new HostDevice("/dev/mem", "/dev/mem2", DeviceKind.CHARACTER, 1, 1, 0640, 0, 0, "rwm"));
        String script = LOOK + """
            echo "== may"; echo 0 > /proc/sys/net/ipv4/ip_forward && mkdir /tmp/m && mount -t tmpfs x /tmp/m && echo yes
            echo "== groups"; ls -d /sys/fs/cgroup/*planner /sys/fs/cgroup/*/*planner 2>/dev/null; touch /sys/fs/cgroup/y 2>&1
            echo "== kcore"; ls -l /proc/kcore
            """;
        rig.add("privileged", samples, script, outcome -> {
            outcome.clean();
            String all = "%016x".formatted(rig.host.capabilities().bits());
            outcome.in("status")
                    .contains("CapEff:\t" + all)
                    .contains("CapBnd:\t" + all)
                    .contains("Seccomp:\t0");
            outcome.in("may").isEqualTo("yes");
            assertThat(outcome.mount("/sys")).contains(" rw,");
            outcome.in("groups").contains("coracle-test-planner").doesNotContain("Read-only");
            outcome.in("dev").contains("mem2");
            outcome.in("kcore").doesNotContain("1,   3");
        });
    }
}
