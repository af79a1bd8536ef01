package dev.coracle.e2e;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The specs of critest that hang on the kernel, on Debian's own with a real cgroup v2 and AppArmor. */
@DaemonTest
@CoracleOnly
@Tag("vm")
@EnabledIfSystemProperty(
        named = "coracle.e2e.vm",
        matches = "true",
        disabledReason = "outside the VM CritestTest runs every spec; deploy/vm/run.sh CritestVmTest runs this")
final class CritestVmTest {
    /** All that are chosen, but for six about user namespaces. */
    private static final int AT_LEAST = 47;

    private static final String NO_KERNEL = "asks nothing of the kernel that others do not";
    private static final String NO_NETWORK = "pods have only a loopback here: PodNetworkTest is about their networks";
    private static final String BASIC =
            "Container runtime should support basic operations on container runtime should support ";

    private static final CritestChoice CHOICE = new CritestChoice(
            Map.ofEntries(
                    entry("Image Manager ", NO_KERNEL),
                    entry("Image Consistency ", NO_KERNEL),
                    entry("Image Identifier Consistency ", NO_KERNEL),
                    entry("Idempotence ", NO_KERNEL),
                    entry("Runtime info ", NO_KERNEL),
                    entry("PodSandbox runtime should support basic operations ", NO_KERNEL),
                    entry("Security Context bucket runtime should support RunAs", NO_KERNEL),
                    entry("Security Context bucket runtime should return error if RunAs", NO_KERNEL),
                    entry("Security Context bucket runtime should support adding ", NO_KERNEL),
                    entry("Security Context bucket runtime should support dropping ", NO_KERNEL),
                    entry("Security Context bucket runtime should support that ReadOnlyRootfs ", NO_KERNEL),
                    entry("Container runtime should support adding volume and device ", NO_KERNEL),
                    entry("Security Context bucket runtime should support SupplementalGroups", NO_KERNEL),
                    entry("Security Context SupplementalGroupsPolicy ", NO_KERNEL),
                    entry(BASIC + "creating", NO_KERNEL),
                    entry(BASIC + "preserving", NO_KERNEL),
                    entry(BASIC + "starting", NO_KERNEL),
                    entry(BASIC + "stopping", NO_KERNEL),
                    entry(BASIC + "removing", NO_KERNEL),
                    entry("Networking ", NO_NETWORK),
                    entry("Multiple Containers ", NO_NETWORK),
                    entry("Streaming ", NO_NETWORK),
                    entry("Container runtime should support log ", "about files of the daemon's, in ten seconds")),
            Map.of(
                    "no runtime handler found which supports user namespaces",
                    "it takes a tmpfs with mapped ids, which Linux has from 6.3 on"));

    private Path configuration = Path.of("/nonexistent");

    /** Emulated, programs that make a bridge for each pod would take half of the time. */
    @BeforeEach
    void onlyALoopback(Rig rig) throws IOException {
        configuration = rig.daemon().dirs().cniConf().resolve("00-loopback.conflist");
        Files.writeString(configuration, """
            {"cniVersion": "1.0.0", "name": "loopback", "plugins": [{"type": "loopback"}]}
            """);
    }

    @AfterEach
    void theUsualNetwork(Rig rig) throws IOException {
        rig.removeAllPods();
        Files.delete(configuration);
    }

    @Test
    void whatHangsOnTheKernel(Rig rig) {
        CritestReport report = new Critest(rig).run("-ginkgo.skip", CHOICE.pattern());
        CritestVerdict verdict = CritestVerdict.of(report, CHOICE);
        verdict.requireNothingUnexpected();
        assertThat(verdict.passed()).isGreaterThanOrEqualTo(AT_LEAST);
    }
}
