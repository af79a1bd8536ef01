package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitySetTest {
    private static final CapabilitySet ALL = new CapabilitySet(0x1ff_ffff_ffffL);

    @Test
    void bitsAreTheKernels() {
        assertThat(CapabilitySet.of("CHOWN").bits()).isEqualTo(1);
        assertThat(CapabilitySet.of("SYS_ADMIN").bits()).isEqualTo(1L << 21);
        assertThat(CapabilitySet.of("CHECKPOINT_RESTORE").bits()).isEqualTo(1L << 40);
        assertThat(CapabilitySet.DEFAULT.bits()).isEqualTo(0xa804_25fbL); // as CapBnd of a Docker container shows
    }

    @Test
    void namesAreReadInAnyForm() {
        assertThat(CapabilitySet.parse(List.of("CAP_SYS_TIME", "net_admin"), ALL, "f"))
                .isEqualTo(CapabilitySet.of("SYS_TIME", "NET_ADMIN"));
        assertThat(CapabilitySet.parse(List.of("all"), ALL, "f")).isEqualTo(ALL);
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> CapabilitySet.parse(List.of("CAP_FLY"), ALL, "linux.add"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessage("linux.add: no capability is called CAP_FLY");
    }

    @Test
    void namesComeByNumber() {
        assertThat(CapabilitySet.of("KILL", "CHOWN").names()).containsExactly("CAP_CHOWN", "CAP_KILL");
    }
}
