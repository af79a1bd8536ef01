package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.CritestReport.Spec;
import org.junit.jupiter.api.Test;

/** What others expect of a CRI runtime: every spec of critest passes, but for those that the machine itself rules out. */
@DaemonTest
@CoracleOnly
final class CritestTest {
    /** So many pass on containerd on such a machine: 122 specs, without those of AppArmor and the benchmarks. */
    private static final int AT_LEAST = 108;

    @Test
    void everySpec(Rig rig) {
        CritestReport report = new Critest(rig).run();
        CritestVerdict verdict = CritestVerdict.of(report);
        verdict.requireNothingUnexpected();
        assertThat(report.those(Spec::filtered))
                .as("left out by name: critest does so with its benchmarks")
                .allMatch(Spec::benchmark);
        assertThat(verdict.passed()).isGreaterThanOrEqualTo(AT_LEAST);
    }

    @Test
    void streamingOverWebSockets(Rig rig) {
        CritestReport report = new Critest(rig)
                .run(
                        "-websocket-exec",
                        "-websocket-attach",
                        "-websocket-portforward",
                        "-ginkgo.focus",
                        "\\[k8s.io\\] Streaming ");
        CritestVerdict verdict = CritestVerdict.of(report);
        verdict.requireNothingUnexpected();
        assertThat(verdict.passed()).isEqualTo(5);
    }
}
