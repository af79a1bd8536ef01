package dev.coracle.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The tree that this program runs from. */
final class Installation {
    private static final String HOME_PROPERTY = "coracle.home";

    private Installation() {}

    /**
     * The program that carries plans out.
     *
     * @throws UsageError if this JVM was not started by {@code bin/coracle}
     */
    static Path shim() {
        Path shim = Path.of(System.getProperty(HOME_PROPERTY, "."), "lib/coracle-shim");
        if (!Files.isExecutable(shim)) {
            throw new UsageError(shim + " is not there: start this with bin/coracle");
        }
        return shim.toAbsolutePath();
    }

    /** What the JVM begins with; it may not be there. */
    static Path aotCache() {
        return Path.of(System.getProperty(HOME_PROPERTY, "."), "lib/coracle.aot")
                .toAbsolutePath();
    }

    /** As the build knows it. */
    static String version() {
        try (InputStream in = Objects.requireNonNull(Installation.class.getResourceAsStream("version.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
