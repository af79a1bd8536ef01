package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.GoldenPlans;
import dev.coracle.pod.HostProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Real plans carried out by the shim on this machine, as root; the containers tell what the kernel made of them. */
class PlansOnThisKernelTest {
    private static Path directory;
    private static KernelRig rig;
    private static Path out;

    @BeforeAll
    static void run() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("coracle-plans");
        rig = new KernelRig(
                directory,
                directory.toString(),
                HostProbe.probe(directory, directory, Path.of(System.getProperty("coracle.shim"))));
        rig.addAll();
        out = directory.resolve("out");
        rig.write(System.getProperty("coracle.shim"), out.toString());
        Process all = new ProcessBuilder("/bin/sh", directory.resolve("run-all").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        assertThat(all.waitFor()).as(Files.readString(directory.resolve("log"))).isZero();
    }

    @AfterAll
    static void leaveNothing() throws IOException {
        for (String path : new Group(rig.host.cgroups(), KernelRig.CGROUPS).directories()) {
            removeGroups(Path.of(path));
        }
        KernelRig.delete(directory);
    }

    /** Also what a scenario that failed half-way, and was not taken down, has left below. */
    private static void removeGroups(Path top) throws IOException {
        if (Files.isDirectory(top)) {
            try (Stream<Path> all = Files.walk(top)) {
                for (Path group : all.filter(Files::isDirectory)
                        .sorted(Comparator.reverseOrder())
                        .toList()) {
                    Files.delete(group);
                }
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return rig.scenarios().stream()
                .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> {
                    KernelOutcome outcome = rig.outcome(scenario, out);
                    scenario.check().accept(outcome);
                }));
    }

    @TestFactory
    Stream<DynamicTest> theShimReadsThemAsWritten() {
        return rig.scenarios().stream()
                .map(scenario -> DynamicTest.dynamicTest(
                        scenario.name(), () -> scenario.plans().forEach(GoldenPlans::assertPrintedAlike)));
    }
}
