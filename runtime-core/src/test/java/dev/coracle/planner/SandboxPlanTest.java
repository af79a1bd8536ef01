package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.plan.Plan;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxPlanTest {
    private final Samples samples = new Samples();

    private Plan plan(Host host) {
        return new SandboxPlanner(host, Settings.DEFAULT).plan(samples.pod(), Samples.allowAll());
    }

    private void modes(NamespaceMode network, NamespaceMode pid, NamespaceMode ipc) {
        samples.podModes = NamespaceModes.of(network, pid, ipc);
    }

    @Test
    void namespacesOfItsOwn() {
        assertGolden("sandbox-pod", plan(Hosts.usual()));
    }

    @Test
    void hostNetwork() {
        modes(NamespaceMode.NODE, NamespaceMode.CONTAINER, NamespaceMode.POD);
        assertGolden("sandbox-host-network", plan(Hosts.usual()));
    }

    @Test
    void hostIpc() {
        modes(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE);
        assertGolden("sandbox-host-ipc", plan(Hosts.usual()));
    }

    @Test
    void hostEverything() {
        modes(NamespaceMode.NODE, NamespaceMode.NODE, NamespaceMode.NODE);
        assertGolden("sandbox-host-everything", plan(Hosts.usual()));
    }

    @Test
    void sharedPid() {
        modes(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("sandbox-shared-pid", plan(Hosts.usual()));
    }

    @Test
    void sharedPidOnVersion1() {
        modes(NamespaceMode.NODE, NamespaceMode.POD, NamespaceMode.POD);
        assertGolden("sandbox-shared-pid-cgroup-v1", plan(Hosts.with(Hosts.VERSION_1)));
    }

    @Test
    void withoutCgroupParent() {
        samples.cgroupParent = "";
        assertGolden("sandbox-own-cgroup-hybrid", plan(Hosts.with(Hosts.HYBRID)));
    }

    @Test
    void sysctlsOfThePod() {
        samples.sysctls = Map.of(
                "net.ipv4.ip_unprivileged_port_start", "1024",
                "net/core/somaxconn", "512",
                "net.ipv4.conf.eth0/1.forwarding", "1",
                "kernel.shmmax", "65536");
        assertGolden("sandbox-sysctls", plan(Hosts.usual()));
    }

    @ParameterizedTest
    @CsvSource({
        "kernel.panic, 1",
        "vm.overcommit_memory, 1",
        "net..core, 1",
        "net/../kernel/panic, 1",
        "kernel.hostname, x",
        "net.core.somaxconn, ''",
        "'', 1",
    })
    void sysctlsOfTheNodeAreRefusedByName(String name, String value) {
        samples.sysctls = Map.of(name, value);
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("linux.sysctls[" + name + "]: ");
    }

    @Test
    void sysctlsOfSharedNamespacesAreRefused() {
        modes(NamespaceMode.NODE, NamespaceMode.CONTAINER, NamespaceMode.NODE);
        samples.sysctls = Map.of("net.core.somaxconn", "512");
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("network");
        samples.sysctls = Map.of("kernel.shmmax", "1");
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("ipc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kubepods-pod42.slice", "kubepods", "/kubepods/../system", "/a/./b"})
    void cgroupParentsThatAreNoPathsAreRefused(String parent) {
        samples.cgroupParent = parent;
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("linux.cgroup_parent: ");
    }

    @Test
    void aPodWithoutANameOfItsOwnHasTheNodes() {
        samples.hostname = "";
        Host host = Hosts.usual();
        assertThat(plan(host).text()).contains(" sethostname " + host.hostname() + "\n");
        samples.hostname = "x".repeat(65);
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("hostname: ");
    }

    @Test
    void modesThatPodsDoNotHaveAreRefused() {
        modes(NamespaceMode.CONTAINER, NamespaceMode.POD, NamespaceMode.POD);
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("network");
        modes(NamespaceMode.POD, NamespaceMode.TARGET, NamespaceMode.POD);
        assertThatThrownBy(() -> plan(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining("pid");
    }

    /** The same request makes the same plan, byte for byte: maps and sets have no order of their own. */
    @Test
    void plansAreDeterministic() {
        samples.sysctls = Map.of("net.a", "1", "net.b", "2", "net.c", "3", "kernel.sem", "4", "kernel.shmall", "5");
        assertThat(plan(Hosts.with(Hosts.HYBRID)).encode())
                .isEqualTo(plan(Hosts.with(Hosts.HYBRID)).encode());
    }
}
