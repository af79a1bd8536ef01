package dev.coracle.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.failure.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Plans carried out for real, one after the other, by {@code coracle-shim --run-plans}; needs root. */
final class Rehearsal {
    private final Path directory;
    private final ShimBinary.Outcome outcome;

    private Rehearsal(Path directory, ShimBinary.Outcome outcome) {
        this.directory = directory;
        this.outcome = outcome;
    }

    static Rehearsal of(ShimBinary binary, Path directory, Plan... plans) {
        List<String> arguments = new ArrayList<>(List.of("--run-plans", directory.toString()));
        try {
            for (Plan plan : plans) {
                Path file = directory.resolve(arguments.size() - 2 + ".plan");
                Files.deleteIfExists(directory.resolve(arguments.size() - 2 + ".result"));
                Files.write(file, plan.encode());
                arguments.add(file.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ShimBinary.Outcome outcome = binary.call(arguments);
        assertThat(outcome.exit()).as(outcome.toString()).isZero();
        assertThat(outcome.stderr()).isEmpty();
        return new Rehearsal(directory, outcome);
    }

    /** Demands that every plan succeeded. */
    Rehearsal succeeds() {
        assertThat(outcome.stdout().lines()).noneMatch(line -> line.startsWith("failed"));
        return this;
    }

    /** Demands that the first plan failed so. */
    Rehearsal fails(int op, String errno, String detail) {
        assertThat(outcome.stdout()).startsWith("failed " + op + " ");
        PlanResult.Failure failure = result(0).failure().orElseThrow();
        assertThat(Errno.name(failure.errno())).as(outcome.stdout()).isEqualTo(errno);
        assertThat(failure.detail()).contains(detail);
        return this;
    }

    /** What containers wrote to pipes and terminals that were given, then how they ended: {@code exit ID STATUS}. */
    List<String> said() {
        return outcome.stdout()
                .lines()
                .filter(line -> !line.startsWith("done ") && !line.startsWith("failed "))
                .sorted(Comparator.comparing(line -> line.startsWith("exit ")))
                .toList();
    }

    /** How long each plan took, in microseconds. */
    List<Long> times() {
        return outcome.stdout()
                .lines()
                .filter(line -> line.startsWith("done "))
                .map(line -> Long.valueOf(line.split(" ", -1)[1]))
                .toList();
    }

    Answers answers() {
        return result(0).answers();
    }

    boolean hasResult(int plan) {
        return Files.exists(directory.resolve(plan + ".result"));
    }

    private PlanResult result(int plan) {
        try {
            return PlanResult.decode(Files.readAllBytes(directory.resolve(plan + ".result")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
