package dev.coracle.planner;

import static dev.coracle.plan.GoldenPlans.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.spec.HugepageLimit;
import dev.coracle.spec.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourcePlanTest {
    private final Samples samples = new Samples();

    private static Resources resources(long period, long quota, long memory, long swap) {
        return new Resources(period, quota, 512, memory, swap, 0, "0-1", "", 0, List.of(), Map.of());
    }

    private static Answers answers(String... pairs) {
        Map<String, Bytes> answers = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            answers.put(pairs[i], Bytes.utf8(pairs[i + 1] + "\n"));
        }
        return new Answers(answers);
    }

    private static final Answers VERSION_2 = answers(
            "cpuset.cpus",
            "0-3",
            "cpu.weight",
            "59",
            "cpu.max",
            "max 100000",
            "memory.max",
            "max",
            "memory.swap.max",
            "max",
            "memory.current",
            "1000000");

    private static final Answers VERSION_1 = answers(
            "cpuset.cpus", "0-1",
            "cpu.shares", "1024",
            "cpu.cfs_period_us", "100000",
            "cpu.cfs_quota_us", "-1",
            "memory.limit_in_bytes", "67108864",
            "memory.memsw.limit_in_bytes", "67108864",
            "memory.usage_in_bytes", "1000000");

    private List<String> writes(Host host, Resources wanted, Answers before) {
        return writes(new ResourcePlanner(host).update(samples.order(), wanted, before));
    }

    private static List<String> writes(Plan plan) {
        return plan.text()
                .lines()
                .skip(1)
                .map(line -> line.replaceAll(".*/(\\S+ \\S+).*", "$1"))
                .toList();
    }

    @Test
    void readUpdateRestore() {
        Resources wanted = resources(50_000, 25_000, 100 << 20, 0);
        ResourcePlanner planner = new ResourcePlanner(Hosts.usual());
        assertGolden("resources-read", planner.read(samples.order(), wanted));
        assertGolden("resources-update", planner.update(samples.order(), wanted, VERSION_2));
        assertGolden("resources-restore", planner.restore(samples.order(), wanted, VERSION_2));
        assertGolden(
                "resources-restore-cgroup-v1",
                new ResourcePlanner(Hosts.with(Hosts.VERSION_1)).restore(samples.order(), wanted, VERSION_1));
    }

    @Test
    void nothingIsWrittenWhereNothingChanges() {
        Answers same = answers(
                "cpuset.cpus", "0-1",
                "cpu.weight", "59",
                "cpu.max", "25000 50000",
                "memory.max", "99999744", // whole pages of 100,000,000 bytes
                "memory.swap.max", "0");
        assertThat(writes(Hosts.usual(), resources(50_000, 25_000, 100_000_000, 0), same))
                .isEmpty();
        Answers unlimited = answers(
                "cpuset.cpus",
                "0-1",
                "cpu.shares",
                "512",
                "cpu.cfs_period_us",
                "50000",
                "cpu.cfs_quota_us",
                "-1",
                "memory.limit_in_bytes",
                "9223372036854771712",
                "memory.memsw.limit_in_bytes",
                "9223372036854771712");
        assertThat(writes(Hosts.with(Hosts.VERSION_1), resources(50_000, -1, -1, -1), unlimited))
                .isEmpty();
    }

    @Test
    void version1GrowsTheRoomFirst() {
        Host host = Hosts.with(Hosts.VERSION_1);
        assertThat(writes(host, resources(0, 0, 128 << 20, 256 << 20), VERSION_1))
                .containsExactly(
                        "cpu.shares 512", "memory.memsw.limit_in_bytes 268435456", "memory.limit_in_bytes 134217728");
        assertThat(writes(host, resources(0, 0, 32 << 20, 48 << 20), VERSION_1))
                .containsExactly(
                        "cpu.shares 512", "memory.limit_in_bytes 33554432", "memory.memsw.limit_in_bytes 50331648");
        assertThat(writes(host, resources(200_000, 25_000, 0, 0), VERSION_1))
                .containsExactly("cpu.shares 512", "cpu.cfs_period_us 200000", "cpu.cfs_quota_us 25000");
        assertThat(writes(host, resources(50_000, 25_000, 0, 0), VERSION_1))
                .containsExactly("cpu.shares 512", "cpu.cfs_quota_us 25000", "cpu.cfs_period_us 50000");
    }

    @Test
    void theWayBackIsTheWayThereBackwards() {
        Host host = Hosts.with(Hosts.VERSION_1);
        for (Resources wanted : List.of(
                resources(200_000, 25_000, 128 << 20, 256 << 20), resources(50_000, 25_000, 32 << 20, 48 << 20))) {
            List<String> there = new ArrayList<>(writes(host, wanted, VERSION_1));
            there.addFirst("cpuset.cpus 0-1"); // not written, as it holds already, but put back with all that was read
            List<String> back = writes(new ResourcePlanner(host).restore(samples.order(), wanted, VERSION_1));
            assertThat(back.reversed().stream().map(write -> write.split(" ", -1)[0]))
                    .containsExactlyElementsOf(
                            there.stream().map(write -> write.split(" ", -1)[0]).toList());
            assertThat(back)
                    .contains(
                            "cpu.shares 1024",
                            "cpu.cfs_period_us 100000",
                            "cpu.cfs_quota_us -1",
                            "memory.limit_in_bytes 67108864",
                            "memory.memsw.limit_in_bytes 67108864");
        }
    }

    @Test
    void lessMemoryThanIsInUseIsRefused() {
        Resources wanted = resources(0, 0, 900_000, 0);
        for (Host host : List.of(Hosts.usual(), Hosts.with(Hosts.VERSION_1))) {
            Answers before = host.cgroups() instanceof CgroupLayout.V2 ? VERSION_2 : VERSION_1;
            assertThatThrownBy(() -> writes(host, wanted, before))
                    .isInstanceOf(WrongState.class)
                    .hasMessage("limit web to 900000 bytes of memory: 1000000 bytes are in use");
        }
    }

    @Test
    void whatOneFileHoldsChangesTogether() {
        Resources old = new Resources(50_000, 25_000, 512, 64 << 20, 96 << 20, 7, "0-1", "0", 9, List.of(), Map.of());
        Resources quota = new Resources(0, 30_000, 0, 0, 0, 0, "", "", 0, List.of(), Map.of());
        assertThat(old.updatedBy(quota).partsOf(quota))
                .isEqualTo(new Resources(50_000, 30_000, 0, 0, 0, 0, "", "", 0, List.of(), Map.of()));
        Resources memory = new Resources(0, 0, 0, 80 << 20, 0, 0, "", "", 0, List.of(), Map.of());
        assertThat(old.updatedBy(memory).partsOf(memory))
                .isEqualTo(new Resources(0, 0, 0, 80 << 20, 96 << 20, 0, "", "", 0, List.of(), Map.of()));
        Resources cpus = new Resources(0, 0, 0, 0, 0, 0, "2", "", 0, List.of(), Map.of());
        assertThat(old.updatedBy(cpus).partsOf(cpus)).isEqualTo(cpus);
    }

    @Test
    void noSwapStaysNoSwap() {
        Resources old = new Resources(0, 0, 0, 64 << 20, 64 << 20, 0, "", "", 0, List.of(), Map.of());
        Resources memory = new Resources(0, 0, 0, 80 << 20, 0, 0, "", "", 0, List.of(), Map.of());
        assertThat(old.updatedBy(memory).memorySwapLimit()).isEqualTo(80 << 20);
        assertThat(old.updatedBy(memory).updatedBy(memory).memorySwapLimit()).isEqualTo(80 << 20);
    }

    @Test
    void moreInUseThanTheLimitThatHoldsAlreadyIsNoReasonToRefuse() {
        Resources wanted = resources(0, 0, 64 << 20, 128 << 20);
        Answers full = answers(
                "cpuset.cpus", "0-1",
                "cpu.weight", "59",
                "memory.max", "67108864",
                "memory.swap.max", "0",
                "memory.current", "67112960");
        assertThat(writes(Hosts.usual(), wanted, full)).containsExactly("memory.swap.max 67108864");
    }

    @Test
    void resourcesAreUpdatedFieldByField() {
        Resources old = new Resources(
                1, 2, 3, 4, 5, 6, "0", "1", 7, List.of(new HugepageLimit("2MB", 1)), Map.of("a", "1", "b", "2"));
        Resources update =
                new Resources(0, 20, 0, 40, 0, 60, "", "2", 0, List.of(new HugepageLimit("1GB", 5)), Map.of("b", "3"));
        assertThat(old.updatedBy(update))
                .isEqualTo(new Resources(
                        1,
                        20,
                        3,
                        40,
                        5,
                        6,
                        "0",
                        "2",
                        7,
                        List.of(new HugepageLimit("1GB", 5), new HugepageLimit("2MB", 1)),
                        Map.of("a", "1", "b", "3")));
    }
}
