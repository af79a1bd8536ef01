package dev.coracle.shim;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.Plan;
import dev.coracle.plan.PlanResult;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files in a pod's {@code plans} directory; for any thread, each number belongs to one. */
final class PlanFiles {
    private static final Pattern PLAN = Pattern.compile("(\\d+)\\.plan");

    private final Path directory;
    private final AtomicLong last;

    private PlanFiles(Path directory, long last) {
        this.directory = directory;
        this.last = new AtomicLong(last);
    }

    /** Goes on after the highest number there is. */
    static PlanFiles in(Path podDirectory) throws IOException {
        Path directory = podDirectory.resolve("plans");
        try (Stream<Path> files = Files.list(directory)) {
            long last = files.mapToLong(PlanFiles::number).max().orElse(0);
            return new PlanFiles(directory, last);
        }
    }

    private static long number(Path file) {
        Matcher name = PLAN.matcher(file.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : 0;
    }

    long next() {
        return last.incrementAndGet();
    }

    void write(long number, Plan plan) {
        // not Files.write: an interrupt would close its channel
        try (FileOutputStream out = new FileOutputStream(plan(number).toFile())) {
            out.write(plan.encode());
        } catch (IOException e) {
            throw new RuntimeFailure.Unavailable(plan.title(), "write its plan: " + e.getMessage(), e);
        }
    }

    /** What the worker wrote; empty if there is nothing. */
    Optional<PlanResult> result(long number) {
        Path file = resultFile(number);
        try {
            return Optional.of(PlanResult.decode(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw new RuntimeFailure.CorruptRecord(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }

    void removePlan(long number) {
        remove(plan(number));
    }

    void removeResult(long number) {
        remove(resultFile(number));
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path plan(long number) {
        return directory.resolve(number + ".plan");
    }

    private Path resultFile(long number) {
        return directory.resolve(number + ".result");
    }
}
