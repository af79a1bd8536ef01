package dev.coracle.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.shim.Session;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel says of an exec whose container is gone, in words. */
final class ExecSessionTest {
    private final AtomicInteger asked = new AtomicInteger();

    private Session refused(int errno, boolean ended) {
        return new ExecSession(
                new Refused(errno),
                "exec in container web",
                () -> {
                    asked.incrementAndGet();
                    return ended;
                },
                whole -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ESRCH, Errno.ECHILD, Errno.EBADF, Errno.ENODEV, Errno.ENOMEM})
    void one_that_met_its_containers_end_says_so(int errno) {
        assertThatThrownBy(refused(errno, true)::read)
                .isInstanceOf(WrongState.class)
                .hasMessage("exec in container web: the container has ended meanwhile");
    }

    @Test
    void while_the_container_runs_the_kernels_word_stands() {
        assertThatThrownBy(refused(Errno.ENOMEM, false)::read)
                .isInstanceOf(KernelFailure.class)
                .hasMessageContaining("ENOMEM");
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_program_that_is_not_there_waits_for_no_news() {
        assertThatThrownBy(refused(Errno.ENOENT, true)::read).isInstanceOf(KernelFailure.class);
        assertThat(asked).hasValue(0);
    }

    @Test
    void its_end_is_told_once_and_whether_it_was_whole() {
        List<Boolean> told = new ArrayList<>();
        Session broken = new ExecSession(new Refused(Errno.ENOENT), "exec in container web", () -> false, told::add);
        assertThatThrownBy(broken::read).isInstanceOf(KernelFailure.class);
        broken.close();
        broken.close();
        assertThat(told).containsExactly(false);
        Session whole = new ExecSession(new Refused(0), "exec in container web", () -> false, told::add);
        assertThat(whole.read()).isNull();
        whole.close();
        assertThat(told).containsExactly(false, true);
    }

    /** With errno 0 it has ended. */
    private record Refused(int errno) implements Session {
        @Override
        public @Nullable Output read() {
            if (errno == 0) {
                return null;
            }
            throw new KernelFailure("exec in web", 3, "setns $main pid", errno);
        }

        @Override
        public int exitCode() {
            throw new IllegalStateException("nothing ran");
        }

        @Override
        public void write(ByteBuffer stdin) {}

        @Override
        public void closeStdin() {}

        @Override
        public void resize(int rows, int columns) {}

        @Override
        public void kill() {}

        @Override
        public void close() {}
    }
}
