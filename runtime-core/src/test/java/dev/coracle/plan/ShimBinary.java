package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The two builds of coracle-shim: the one that ships, and the one under the sanitizers. */
public enum ShimBinary {
    LEAN("coracle-shim"),
    SANITIZED("coracle-shim-asan");

    private static final int SECONDS = 60;

    private final Path path;

    ShimBinary(String name) {
        path = Path.of(System.getProperty("coracle.shim")).resolveSibling(name);
    }

    public Path path() {
        return path;
    }

    /** What a call of it came to. */
    public record Outcome(int exit, String stdout, String stderr) {}

    public Outcome call(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(arguments);
        try {
            Path stdout = Files.createTempFile("shim", ".out");
            Path stderr = Files.createTempFile("shim", ".err");
            Process process = new ProcessBuilder(command)
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile())
                    .start();
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            Outcome outcome = new Outcome(
                    ended ? process.waitFor() : -1,
                    Files.readString(stdout, StandardCharsets.ISO_8859_1),
                    Files.readString(stderr, StandardCharsets.ISO_8859_1));
            Files.delete(stdout);
            Files.delete(stderr);
            assertThat(ended)
                    .as("%s ends in %d s: %s", command, SECONDS, outcome)
                    .isTrue();
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The plan's text as {@code --print} says it. */
    public String print(Plan plan) {
        try {
            Path file = Files.createTempFile("shim", ".plan");
            Files.write(file, plan.encode());
            Outcome outcome = call(List.of("--print", file.toString()));
            Files.delete(file);
            assertThat(outcome.exit()).as(outcome.toString()).isZero();
            return outcome.stdout();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
