package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HostTest {
    @Test
    void oomScoresStayAboveOnesOwnWithoutTheRight() {
        assertThat(Hosts.restricted().oomScoreAdjWithin(-998)).isEqualTo(100);
        assertThat(Hosts.restricted().oomScoreAdjWithin(500)).isEqualTo(500);
        assertThat(Hosts.usual().oomScoreAdjWithin(-998)).isEqualTo(-998);
        assertThat(Hosts.usual().oomScoreAdjWithin(-4000)).isEqualTo(-1000);
        assertThat(Hosts.usual().oomScoreAdjWithin(4000)).isEqualTo(1000);
    }

    @Test
    void limitsStayBelowOnesOwnWithoutTheRight() {
        assertThat(Hosts.restricted().limitWithin("nofile", 524_288)).isEqualTo(20_000);
        assertThat(Hosts.restricted().limitWithin("nofile", 1024)).isEqualTo(1024);
        assertThat(Hosts.restricted().limitWithin("nofile", -1)).isEqualTo(20_000);
        assertThat(Hosts.restricted().limitWithin("nproc", -1)).isEqualTo(-1);
        assertThat(Hosts.usual().limitWithin("nofile", 2_000_000)).isEqualTo(2_000_000);
    }

    @Test
    void kernelReleases() {
        KernelRelease debian = KernelRelease.parse("6.1.0-32-cloud-amd64\n");
        assertThat(debian).isEqualTo(new KernelRelease(6, 1));
        assertThat(debian.atLeast(5, 14)).isTrue();
        assertThat(debian.atLeast(6, 3)).isFalse();
        assertThatThrownBy(() -> KernelRelease.parse("linux")).isInstanceOf(IllegalArgumentException.class);
    }
}
