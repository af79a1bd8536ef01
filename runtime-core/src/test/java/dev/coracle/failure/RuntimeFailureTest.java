package dev.coracle.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RuntimeFailureTest {
    @Test
    void a_kernel_failure_names_plan_op_and_error() {
        RuntimeFailure failure = new RuntimeFailure.KernelFailure("start web", 23, "move_mount $data onto /data", 22);
        assertThat(failure).hasMessage("start web: op 23 move_mount $data onto /data: EINVAL");
    }

    @Test
    void what_the_kernel_adds_follows_in_brackets() {
        RuntimeFailure failure =
                new RuntimeFailure.KernelFailure("start web", 1, "fsmount overlay", 22, "overlay: bad option");
        assertThat(failure).hasMessage("start web: op 1 fsmount overlay: EINVAL (overlay: bad option)");
    }

    @Test
    void pull_errors_that_a_kubelet_knows_begin_with_its_word() {
        RuntimeFailure failure = new RuntimeFailure.PullFailed(
                RuntimeFailure.PullFailed.Kind.REGISTRY_UNAVAILABLE, "pull example.com/web", "connection refused");
        assertThat(failure).hasMessage("RegistryUnavailable: pull example.com/web: connection refused");
    }

    @Test
    void error_numbers_have_their_names() {
        assertThat(Errno.name(Errno.ENOENT)).isEqualTo("ENOENT");
        assertThat(Errno.name(Errno.EAGAIN)).isEqualTo("EAGAIN");
        assertThat(Errno.name(Errno.ETIMEDOUT)).isEqualTo("ETIMEDOUT");
        assertThat(Errno.name(122)).isEqualTo("EDQUOT");
        assertThat(Errno.name(132)).isEqualTo("ERFKILL");
        assertThat(Errno.name(41)).isEqualTo("errno 41");
        assertThat(Errno.name(0)).isEqualTo("errno 0");
        assertThat(Errno.name(4711)).isEqualTo("errno 4711");
    }
}
