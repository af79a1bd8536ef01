package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.spec.PodId;
import dev.coracle.spec.StreamSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TokensTest {
    private static final StreamSpec SPEC = new StreamSpec.PortForward(new PodId("ab".repeat(32)), List.of());

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 7);
    private final Tokens tokens = new Tokens(now::get);

    @Test
    void each_is_good_once() {
        String token = tokens.add(SPEC);
        assertThat(tokens.take(token)).contains(SPEC);
        assertThat(tokens.take(token)).isEmpty();
        assertThat(tokens.take("")).isEmpty();
    }

    @Test
    void each_is_good_for_a_minute() {
        String token = tokens.add(SPEC);
        String late = tokens.add(SPEC);
        now.addAndGet(Tokens.LIFE.toNanos() - 1);
        assertThat(tokens.take(token)).isPresent();
        now.addAndGet(1);
        assertThat(tokens.take(late)).isEmpty();
    }

    @Test
    void there_are_a_thousand_at_most() {
        Set<String> all = new HashSet<>();
        for (int i = 0; i < Tokens.LIMIT; i++) {
            all.add(tokens.add(SPEC));
        }
        assertThat(all).hasSize(Tokens.LIMIT);
        assertThatThrownBy(() -> tokens.add(SPEC)).isInstanceOf(Exhausted.class);
        assertThat(tokens.take(all.iterator().next())).isPresent();
        assertThat(tokens.add(SPEC)).isNotEmpty();
        now.addAndGet(Tokens.LIFE.toNanos());
        assertThat(tokens.add(SPEC)).isNotEmpty();
    }
}
