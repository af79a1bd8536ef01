package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares plans with the files in src/test/resources/plans, and with what the shim reads from their bytes.
 * {@code -Dgolden.update=true} writes the files anew.
 */
public final class GoldenPlans {
    private static final Path DIRECTORY =
            Path.of(System.getProperty("coracle.root"), "runtime-core/src/test/resources/plans");

    private GoldenPlans() {}

    /** Demands that the plan's text is that of {@code NAME.plan.txt}, and that both builds of the shim print it too. */
    public static void assertGolden(String name, Plan plan) {
        assertPrintedAlike(plan);
        Path file = DIRECTORY.resolve(name + ".plan.txt");
        try {
            if (Boolean.getBoolean("golden.update")) {
                Files.createDirectories(DIRECTORY);
                Files.writeString(file, plan.text());
            }
            assertThat(file).as("run with -Dgolden.update=true to write it").exists();
            assertThat(plan.text()).as(name).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Demands that the shim prints from the plan's bytes what {@link Plan#text} says. */
    public static void assertPrintedAlike(Plan plan) {
        for (ShimBinary binary : ShimBinary.values()) {
            assertThat(binary.print(plan)).as(binary.name()).isEqualTo(plan.text());
        }
    }
}
