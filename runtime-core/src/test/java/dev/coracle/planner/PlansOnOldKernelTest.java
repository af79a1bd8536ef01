package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The same plans on Debian 12's kernel, in a virtual machine, with each layout of control groups: what works on the machine
 * that builds may fail there.
 */
class PlansOnOldKernelTest {
    /** What {@code deploy/vm/guest-init} mounts. */
    private static final List<String> HIERARCHIES = List.of(
            "cpuset",
            "cpu,cpuacct",
            "blkio",
            "memory",
            "devices",
            "freezer",
            "net_cls,net_prio",
            "perf_event",
            "hugetlb",
            "pids");

    private static final Path ROOT = Path.of(System.getProperty("coracle.root"));
    private static final String IN_VM = "/payload/t";

    private Path directory = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("coracle-plans");
    }

    /** The tests that {@link #run} gives are over by then. */
    @AfterEach
    void leaveNothing() throws IOException {
        KernelRig.delete(directory);
    }

    @TestFactory
    Stream<DynamicTest> version2() throws IOException, InterruptedException {
        return run("v2", Hosts.debian12());
    }

    @TestFactory
    Stream<DynamicTest> version1() throws IOException, InterruptedException {
        return run("v1", Hosts.debian12(new CgroupLayout.V1(controllers())));
    }

    @TestFactory
    Stream<DynamicTest> hybrid() throws IOException, InterruptedException {
        return run("hybrid", Hosts.debian12(new CgroupLayout.Hybrid(controllers(), "/sys/fs/cgroup/unified")));
    }

    private static Map<String, String> controllers() {
        Map<String, String> controllers = new LinkedHashMap<>();
        for (String hierarchy : HIERARCHIES) {
            for (String controller : hierarchy.split(",", -1)) {
                controllers.put(controller, "/sys/fs/cgroup/" + hierarchy);
            }
        }
        controllers.put("name=systemd", "/sys/fs/cgroup/systemd");
        return controllers;
    }

    private Stream<DynamicTest> run(String cgroups, Host host) throws IOException, InterruptedException {
        Path staging = Files.createDirectory(directory.resolve("staging"));
        Path out = Files.createDirectory(directory.resolve("out"));
        KernelRig rig = new KernelRig(staging, IN_VM, host);
        rig.addAll();
        Files.copy(Path.of(System.getProperty("coracle.shim")), staging.resolve("coracle-shim"));
        rig.write(IN_VM + "/coracle-shim", "/out");
        Path log = directory.resolve("log");
        Process vm = new ProcessBuilder(
                        ROOT.resolve("deploy/vm/run.sh").toString(),
                        "--dir",
                        staging.toString(),
                        "--out",
                        out.toString(),
                        "--cgroup",
                        cgroups,
                        "--exec",
                        "sh",
                        "run-all")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(vm.waitFor()).as(Files.readString(log)).isZero();
        return rig.scenarios().stream()
                .map(scenario -> DynamicTest.dynamicTest(
                        scenario.name(), () -> scenario.check().accept(rig.outcome(scenario, out))));
    }
}
