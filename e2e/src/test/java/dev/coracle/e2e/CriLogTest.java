package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CriLogTest {
    private static final String LOG = """
        2026-01-02T03:04:05.000000001Z stdout F one
        2026-01-02T03:04:05.000000002Z stderr F other
        2026-01-02T03:04:05.000000003Z stdout P two,\s
        2026-01-02T03:04:05.000000004+00:00 stdout F and its end
        2026-01-02T03:04:05.000000005Z stdout F\s
        """;

    @Test
    void streamsAndPartialLines() {
        CriLog log = CriLog.parse(LOG);
        assertThat(log.stdout()).isEqualTo("one\ntwo, and its end\n\n");
        assertThat(log.stderr()).isEqualTo("other\n");
        assertThat(log.inOrder()).isTrue();
    }

    @Test
    void orderIsOfTime() {
        CriLog log = CriLog.parse("""
            2026-01-02T03:04:05.000000002Z stdout F one
            2026-01-02T03:04:05.000000001Z stdout F two
            """);
        assertThat(log.inOrder()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-02T03:04:05Z stdout F no newline",
                "2026-01-02T03:04:05Z stdin F x\n",
                "2026-01-02T03:04:05Z stdout X x\n",
                "2026-01-02T03:04:05Z stdout\n",
                "yesterday stdout F x\n"
            })
    void whatAKubeletCouldNotReadIsAnError(String log) {
        assertThatThrownBy(() -> CriLog.parse(log)).isInstanceOf(RuntimeException.class);
    }
}
