package dev.coracle.shim;

import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.Plan;
import dev.coracle.plan.PlanResult;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files in a pod's {@code plans} directory; for any thread, each number belongs to one. */
final class PlanFiles {
    private static final Pattern PLAN = Pattern.compile("(\\d+)\\.plan");

    /** Execs' plans have numbers from here on, by which those of an earlier daemon are told from plans that are kept. */
    private static final long EXECS = 1L << 32;

    private final Path directory;
    private final AtomicLong last;
    private final AtomicLong lastExec;

    private PlanFiles(Path directory, long last, long lastExec) {
        this.directory = directory;
        this.last = new AtomicLong(last);
        this.lastExec = new AtomicLong(lastExec);
    }

    /** Goes on after the highest numbers there are. Execs of an earlier daemon went with it: their plans go as well. */
    static PlanFiles in(Path podDirectory) throws IOException {
        Path directory = podDirectory.resolve("plans");
        long last = 0;
        long lastExec = EXECS;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                long number = number(file);
                if (number < EXECS) {
                    last = Math.max(last, number);
                } else {
                    lastExec = Math.max(lastExec, number);
                    Files.deleteIfExists(file);
                }
            }
        }
        return new PlanFiles(directory, last, lastExec);
    }

    private static long number(Path file) {
        Matcher name = PLAN.matcher(file.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : 0;
    }

    long next() {
        return last.incrementAndGet();
    }

    /** Writes an exec's plan, and says under which number. */
    long writeExec(Plan plan) {
        long number = lastExec.incrementAndGet();
        try {
            write(number, plan);
            return number;
        } catch (RuntimeException e) {
            removePlan(number);
            throw e;
        }
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
