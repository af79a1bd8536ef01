package dev.coracle.shim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.ShimBinary;
import org.junit.jupiter.api.AfterEach;

/** What tests of each of the shim's builds begin and end with: a host, on which no shim may have broken down. */
abstract class OnEachBuild {
    final ShimHost host;

    OnEachBuild(ShimBinary build) {
        host = new ShimHost(build.path());
    }

    @AfterEach
    void close() {
        host.close();
        assertThat(host.lost).as("shims that broke down").isEmpty();
    }
}
