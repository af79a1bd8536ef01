package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What others expect of a CRI runtime: every spec of critest passes, but for those that the machine itself rules out. */
@DaemonTest
@CoracleOnly
final class CritestTest {
    /** So many pass on containerd on such a machine: 122 specs, without those of AppArmor and the benchmarks. */
    private static final int AT_LEAST = 108;

    @Test
    void everySpec(Rig rig) {
        CritestVerdict verdict = CritestVerdict.of(new Critest(rig).run(), CritestChoice.EVERYTHING);
        verdict.requireNothingUnexpected();
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
        CritestVerdict verdict =
                CritestVerdict.of(report, new CritestChoice(Map.of("", "not about streams"), Map.of()));
        verdict.requireNothingUnexpected();
        assertThat(verdict.passed()).isEqualTo(5);
    }
}
