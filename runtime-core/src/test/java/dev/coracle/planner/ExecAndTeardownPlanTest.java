package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.plan.Plan;
import dev.coracle.spec.CapabilityRequest;
import dev.coracle.spec.NamespaceMode;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.ResolvedUser;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecAndTeardownPlanTest {
    private final Samples samples = new Samples();

    private Plan exec(Host host, String... command) {
        return new ExecPlanner(host, Settings.DEFAULT).plan(samples.exec(command));
    }

    @Test
    void appArmor() {
        samples.apparmor = "coracle-default";
        assertGolden("exec-apparmor", exec(Hosts.usual(), "true"));
        assertGolden("load-apparmor", AppArmorProfile.load("/usr/sbin/apparmor_parser"));
    }

    @Test
    void exec() {
        assertGolden("exec", exec(Hosts.usual(), "true"));
    }

    @Test
    void execWithTerminalAndUser() {
        samples.tty = true;
        samples.stdin = true;
        samples.workingDir = "/srv/app";
        samples.filter = Samples.allowAll();
        samples.noNewPrivs = true;
        samples.resolved = new ResolvedUser(1000, 1000, List.of(1000L), "/srv");
        assertGolden("exec-tty", exec(Hosts.usual(), "/bin/sh", "-i"));
    }

    @Test
    void execOnVersion1() {
        samples.stdin = true;
        assertGolden("exec-cgroup-v1", exec(Hosts.with(Hosts.VERSION_1), "cat"));
    }

    @Test
    void execWhereProcessesCanBeTraced() {
        samples.capabilities = new CapabilityRequest(List.of("SYS_PTRACE"), List.of(), List.of());
        samples.filter = Samples.allowAll();
        assertGolden("exec-ptrace", exec(Hosts.usual(), "true"));
        samples.noNewPrivs = true;
        assertGolden("exec-ptrace-nnp", exec(Hosts.usual(), "true"));
    }

    @Test
    void nothingToExecuteIsRefused() {
        assertThatThrownBy(() -> exec(Hosts.usual()))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith("cmd: ");
    }

    @Test
    void teardownOfContainer() {
        assertGolden(
                "teardown-container", new TeardownPlanner(Hosts.usual()).container(samples.pod(), Samples.CONTAINER));
        assertGolden(
                "kill-container-cgroup-v1",
                new TeardownPlanner(Hosts.with(Hosts.VERSION_1)).kill(samples.pod(), Samples.CONTAINER));
    }

    @Test
    void teardownOfPod() {
        assertGolden(
                "teardown-pod",
                new TeardownPlanner(Hosts.usual()).pod(samples.pod(), List.of(Samples.CONTAINER, Samples.OTHER)));
    }

    @Test
    void teardownOfSharedPidOnHybrid() {
        samples.podModes = NamespaceModes.of(NamespaceMode.NODE, NamespaceMode.POD, NamespaceMode.POD);
        assertGolden(
                "teardown-pod-shared-pid-hybrid",
                new TeardownPlanner(Hosts.with(Hosts.HYBRID)).pod(samples.pod(), List.of()));
    }

    @Test
    void teardownOfOwnGroup() {
        samples.cgroupParent = "";
        assertGolden("teardown-pod-own-cgroup", new TeardownPlanner(Hosts.usual()).pod(samples.pod(), List.of()));
    }
}
