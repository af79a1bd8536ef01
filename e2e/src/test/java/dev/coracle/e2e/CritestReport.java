package dev.coracle.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a run of critest found, from the JSON report that its test framework writes. */
record CritestReport(List<Spec> specs) {

    /** One spec: its whole name, "passed", "failed", "skipped" …, what it said of that (empty if nothing), how long it took. */
    record Spec(String name, String state, String message, Duration took) {
        boolean passed() {
            return state.equals("passed");
        }

        boolean skipped() {
            return state.equals("skipped");
        }

        /** Measures rather than judges. */
        boolean benchmark() {
            return name.contains(" benchmark ");
        }

        /** Left out by a filter of names before it began: such a spec has nothing to say. */
        boolean filtered() {
            return skipped() && message.isEmpty();
        }
    }

    static CritestReport read(Path file) {
        List<Spec> specs = new ArrayList<>();
        try {
            for (JsonNode suite : new ObjectMapper().readTree(file.toFile())) {
                for (JsonNode spec : suite.path("SpecReports")) {
                    if (spec.path("LeafNodeType").asText().equals("It")) {
                        specs.add(spec(spec));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new CritestReport(List.copyOf(specs));
    }

    private static Spec spec(JsonNode report) {
        List<String> name = new ArrayList<>();
        report.path("ContainerHierarchyTexts").forEach(text -> name.add(text.asText()));
        name.add(report.path("LeafNodeText").asText());
        return new Spec(
                String.join(" ", name),
                report.path("State").asText(),
                report.path("Failure").path("Message").asText().strip(),
                Duration.ofNanos(report.path("RunTime").asLong()));
    }

    Stream<Spec> those(Predicate<Spec> wanted) {
        return specs.stream().filter(wanted);
    }

    /** The counts, and a line for each spec that was skipped or did not pass, and for those that took longest. */
    String summary(CritestChoice choice) {
        Predicate<Spec> bad = spec -> !spec.passed() && !spec.skipped();
        StringBuilder text = new StringBuilder("critest: %d specs, %d passed, %d skipped, %d failed%n"
                .formatted(
                        specs.size(),
                        those(Spec::passed).count(),
                        those(Spec::skipped).count(),
                        those(bad).count()));
        those(Spec::skipped)
                .forEach(s -> text.append("  skipped: %s: %s%n"
                        .formatted(s.name(), choice.reason(s).orElse("without a known reason: " + s.message()))));
        those(bad).forEach(s -> text.append("  %s: %s: %s%n".formatted(s.state(), s.name(), s.message())));
        those(Predicate.not(Spec::skipped))
                .sorted(Comparator.comparing(Spec::took).reversed())
                .limit(10)
                .forEach(s -> text.append("  %.1f s: %s%n".formatted(s.took().toMillis() / 1000.0, s.name())));
        return text.toString();
    }
}
