package dev.coracle.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /** The files of which the JVM maps more than it needs for long: its AOT cache and its library. They may not be there. */
    static Set<Path> mapped() {
        return Stream.of(
                        Path.of(System.getProperty(HOME_PROPERTY, "."), "lib/coracle.aot"),
                        Path.of(System.getProperty("java.home"), "lib/server/libjvm.so"))
                .filter(Files::exists)
                .map(Installation::real)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
