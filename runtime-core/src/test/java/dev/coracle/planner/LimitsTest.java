package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.spec.Resources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {
    /** Pairs that runc 1.4 and the kubelet 1.37 compute, so that a pod's weight and its containers' fit each other. */
    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "2, 1",
        "3, 2",
        "10, 4",
        "102, 17",
        "256, 35",
        "512, 59",
        "1024, 100",
        "2048, 174",
        "10240, 639",
        "262143, 10000",
        "262144, 10000",
        "999999, 10000"
    })
    void sharesAsWeight(long shares, long weight) {
        assertThat(Limits.weight(shares)).isEqualTo(weight);
    }

    private static List<String> lines(CgroupLayout layout, Resources resources) {
        Group group = new Group(layout, "/g");
        return Limits.of(group, resources, Hosts.with(layout)).stream()
                .map(file -> file.name() + "=" + file.value())
                .toList();
    }

    private static Resources memory(long limit, long swap) {
        return new Resources(0, 0, 0, limit, swap, 0, "", "", 0, List.of(), Map.of());
    }

    @Test
    void swap() {
        assertThat(lines(Hosts.VERSION_2, memory(100, 0))).containsExactly("memory.max=100", "memory.swap.max=0");
        assertThat(lines(Hosts.VERSION_2, memory(100, 150))).containsExactly("memory.max=100", "memory.swap.max=50");
        assertThat(lines(Hosts.VERSION_2, memory(100, -1))).containsExactly("memory.max=100", "memory.swap.max=max");
        assertThat(lines(Hosts.VERSION_2, memory(-1, 0))).containsExactly("memory.max=max");
        assertThat(lines(Hosts.VERSION_1, memory(100, 0)))
                .containsExactly("memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=100");
        assertThat(lines(Hosts.VERSION_1, memory(100, -1)))
                .containsExactly("memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=-1");
    }

    private static Resources cpu(long period, long quota) {
        return new Resources(period, quota, 0, 0, 0, 0, "", "", 0, List.of(), Map.of());
    }

    @Test
    void quota() {
        assertThat(lines(Hosts.VERSION_2, cpu(0, 50_000))).containsExactly("cpu.max=50000 100000");
        assertThat(lines(Hosts.VERSION_2, cpu(20_000, -1))).containsExactly("cpu.max=max 20000");
        assertThat(lines(Hosts.VERSION_2, cpu(0, 0))).isEmpty();
        assertThat(lines(Hosts.VERSION_1, cpu(20_000, -1)))
                .containsExactly("cpu.cfs_period_us=20000", "cpu.cfs_quota_us=-1");
    }
}
