package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.failure.RuntimeFailure;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class StatusMappingTest {
    private static final RuntimeFailure.PullFailed.Kind KIND = RuntimeFailure.PullFailed.Kind.REGISTRY_UNAVAILABLE;

    static List<Map.Entry<RuntimeFailure, Status.Code>> table() {
        return List.of(
                Map.entry(new RuntimeFailure.InvalidSpec("config.hostname", "too long"), Status.Code.INVALID_ARGUMENT),
                Map.entry(new RuntimeFailure.NotFound("container", "x"), Status.Code.NOT_FOUND),
                Map.entry(new RuntimeFailure.WrongState("start x", "it runs"), Status.Code.FAILED_PRECONDITION),
                Map.entry(new RuntimeFailure.Unsupported("x", "no kernel for it"), Status.Code.UNIMPLEMENTED),
                Map.entry(new RuntimeFailure.Exhausted("x", "disk full"), Status.Code.RESOURCE_EXHAUSTED),
                Map.entry(new RuntimeFailure.Denied("x", "no", false), Status.Code.PERMISSION_DENIED),
                Map.entry(new RuntimeFailure.Denied("x", "who?", true), Status.Code.UNAUTHENTICATED),
                Map.entry(new RuntimeFailure.Unavailable("x", "later"), Status.Code.UNAVAILABLE),
                Map.entry(new RuntimeFailure.TimedOut("exec x", "5 s"), Status.Code.DEADLINE_EXCEEDED),
                Map.entry(new RuntimeFailure.Cancelled("pull x"), Status.Code.CANCELLED),
                Map.entry(new RuntimeFailure.PullFailed(KIND, "pull x", "refused"), Status.Code.UNKNOWN),
                Map.entry(new RuntimeFailure.ImageVolumeFailed("mount image x", "no y"), Status.Code.UNKNOWN),
                Map.entry(new RuntimeFailure.KernelFailure("start x", 1, "execve", 2), Status.Code.INTERNAL),
                Map.entry(new RuntimeFailure.CorruptRecord("/r", "cut short"), Status.Code.DATA_LOSS));
    }

    static Stream<Arguments> rows() {
        return table().stream().map(row -> Arguments.of(row.getKey(), row.getValue()));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void each_failure_has_its_code_and_its_message(RuntimeFailure failure, Status.Code code) {
        Status status = StatusMapping.status(failure);
        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).isEqualTo(failure.getMessage());
    }

    @Test
    void the_table_above_has_every_failure() {
        List<Class<?>> tested = table().stream()
                .<Class<?>>map(row -> row.getKey().getClass())
                .distinct()
                .toList();
        assertThat(tested).containsExactlyInAnyOrder(RuntimeFailure.class.getPermittedSubclasses());
    }

    @Test
    void a_long_message_fits_into_a_header() {
        String longText = "é".repeat(20_000);
        Status status = StatusMapping.status(new RuntimeFailure.Unavailable("x", longText));
        assertThat(status.getDescription()).startsWith("x: é").endsWith("...").hasSize(StatusMapping.MESSAGE_LIMIT);
    }

    @Test
    void pull_errors_reach_a_kubelet_in_the_form_it_knows() {
        for (RuntimeFailure.PullFailed.Kind kind : RuntimeFailure.PullFailed.Kind.values()) {
            Status status = StatusMapping.status(new RuntimeFailure.PullFailed(kind, "pull x", "because"));
            assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
            assertThat(status.getDescription()).startsWith(kind.word());
        }
        assertThat(Stream.of(RuntimeFailure.PullFailed.Kind.values()).map(RuntimeFailure.PullFailed.Kind::word))
                .containsExactly("RegistryUnavailable", "SignatureValidationFailed");
    }
}
