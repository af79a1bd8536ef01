package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.spec.Resources;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Containers whose control groups have limits; the host reads what is in force. */
final class LimitScenarios {
    private static final long MEMORY = 32L << 20;

    private final KernelRig rig;

    private LimitScenarios(KernelRig rig) {
        this.rig = rig;
    }

    static void addTo(KernelRig rig) {
        LimitScenarios all = new LimitScenarios(rig);
        all.limits();
        all.outOfMemory();
        all.update();
    }

    private boolean version2() {
        return rig.host.cgroups() instanceof CgroupLayout.V2;
    }

    private String read(Group group, String... files) {
        StringBuilder script = new StringBuilder();
        for (String file : files) {
            String controller = file.substring(0, file.indexOf('.'));
            group.directory(controller)
                    .ifPresent(directory -> script.append("echo " + file + " $(cat " + directory + "/" + file + ");"));
        }
        return script.toString();
    }

    private void limits() {
        Samples samples = rig.samples("limits");
        Map<String, String> unified = version2() ? Map.of("memory.oom.group", "1") : Map.of();
        samples.resources = new Resources(50_000, 25_000, 512, MEMORY, 0, 0, "0", "0", 50, List.of(), unified);
        samples.args = List.of("exec > /dev/null 2>&1; sleep 60");
        List<String> expected = lines(
                version2()
                        ? "cpu.weight 59,cpu.max 25000 50000,memory.max 33554432,memory.oom.group 1"
                        : "cpu.shares 512,cpu.cfs_period_us 50000,cpu.cfs_quota_us 25000,memory.limit_in_bytes"
                                + " 33554432");
        List<String> always = lines("pids.max 50,cpuset.cpus 0,cpuset.mems 0,pids.current 1");
        Group group = samples.order().group(rig.host);
        String[] files = Stream.concat(expected.stream(), always.stream())
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toArray(String[]::new);
        rig.add("limits", samples, 2, List.of(KernelRig.onHost(read(group, files))), outcome -> {
            outcome.clean();
            assertThat(outcome.host(3).lines()).containsAll(expected).containsAll(always);
        });
    }

    private static List<String> lines(String text) {
        return List.of(text.split(",", -1));
    }

    /** A child of the container is killed, and its group knows. */
    private void outOfMemory() {
        Samples samples = rig.samples("oom");
        samples.resources = new Resources(0, 0, 0, MEMORY, 0, 0, "", "", 0, List.of(), Map.of());
        samples.args = List.of("(tail /dev/zero) ; echo status $? >&2; exec > /dev/null 2>&1; sleep 60");
        Group group = samples.order().group(rig.host);
        Plan look = KernelRig.onHost("sleep 2; grep oom_kill "
                + group.directory("memory").orElseThrow() + (version2() ? "/memory.events" : "/memory.oom_control"));
        rig.add("oom", samples, 2, List.of(look), outcome -> {
            outcome.clean();
            assertThat(outcome.host(3).lines()).anyMatch(line -> line.matches("oom_kill [1-9]\\d*"));
            assertThat(outcome.output()).contains("status 137");
        });
    }

    /** Limits are changed under a running container and put back. */
    private void update() {
        Samples samples = rig.samples("update");
        samples.resources = new Resources(0, 0, 1024, MEMORY, 0, 0, "", "", 0, List.of(), Map.of());
        samples.args = List.of("exec > /dev/null 2>&1; sleep 60");
        Resources wanted = new Resources(100_000, 50_000, 2048, 2 * MEMORY, 0, 0, "0", "", 0, List.of(), Map.of());
        Answers before = before();
        ResourcePlanner planner = new ResourcePlanner(rig.host);
        Group group = samples.order().group(rig.host);
        Plan look = KernelRig.onHost(
                read(group, name("cpu.weight", "cpu.shares"), name("memory.max", "memory.limit_in_bytes")));
        List<Plan> plans = List.of(
                planner.read(samples.order(), wanted),
                planner.update(samples.order(), wanted, before),
                look,
                planner.restore(samples.order(), wanted, before),
                look);
        rig.add("update", samples, 2, plans, outcome -> {
            outcome.clean();
            Answers read = outcome.results().get(3).answers();
            before.byName().forEach((name, value) -> {
                if (!name.startsWith("cpuset.") && !name.contains("swap")) {
                    assertThat(read.read(name).orElseThrow().utf8().strip())
                            .as(name)
                            .isEqualTo(value.utf8());
                }
            });
            assertThat(outcome.host(5))
                    .contains(version2() ? "cpu.weight 174" : "cpu.shares 2048")
                    .contains("" + 2 * MEMORY);
            assertThat(outcome.host(7))
                    .contains(version2() ? "cpu.weight 100" : "cpu.shares 1024")
                    .contains("" + MEMORY);
        });
    }

    /** What {@link #update}'s container starts with. */
    private Answers before() {
        String text = version2()
                ? "cpu.weight=100,cpu.max=max 100000,memory.max=33554432,memory.swap.max=0"
                : "cpu.shares=1024,cpu.cfs_quota_us=-1,memory.limit_in_bytes=33554432,"
                        + "memory.memsw.limit_in_bytes=33554432,cpuset.cpus=0-1";
        Map<String, Bytes> values = new TreeMap<>();
        lines(text + ",cpuset.cpus.effective=0-1").forEach(line -> {
            int equals = line.indexOf('=');
            values.put(line.substring(0, equals), Bytes.utf8(line.substring(equals + 1)));
        });
        return new Answers(values);
    }

    private String name(String onVersion2, String onVersion1) {
        return version2() ? onVersion2 : onVersion1;
    }
}
