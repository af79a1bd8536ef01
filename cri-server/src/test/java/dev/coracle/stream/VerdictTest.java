package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VerdictTest {
    private static final Dialect OLD =
            Dialect.spdy(List.of("v2.channel.k8s.io")).orElseThrow();

    private static String text(Verdict verdict, Dialect dialect) {
        return StandardCharsets.UTF_8.decode(verdict.bytes(dialect)).toString();
    }

    @Test
    void from_version_4_on_it_is_a_status() {
        assertThat(text(Verdict.exited(0), Dialect.V4)).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
        assertThat(text(Verdict.exited(137), Dialect.V5))
                .isEqualTo("{\"metadata\":{},\"status\":\"Failure\","
                        + "\"message\":\"command terminated with non-zero exit code: exit status 137\","
                        + "\"reason\":\"NonZeroExitCode\","
                        + "\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"137\"}]}}");
        assertThat(text(Verdict.failed("open \"x\": ENOENT"), Dialect.V4))
                .contains("\"message\":\"open \\\"x\\\": ENOENT\"", "\"reason\":\"InternalError\"", "\"code\":500");
    }

    @Test
    void before_it_is_the_text_of_an_error_or_nothing() {
        assertThat(text(Verdict.exited(0), OLD)).isEmpty();
        assertThat(text(Verdict.failed("no"), OLD)).isEqualTo("no");
    }
}
