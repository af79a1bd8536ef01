package dev.coracle.e2e.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints figures as Markdown tables: a column for each contender, and the ratio where there are two. */
record Report(PrintStream out, List<String> names) {

    void header(Options options) {
        try {
            out.println("Kernel "
                    + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip() + ", "
                    + Runtime.getRuntime().availableProcessors() + " cores, load "
                    + Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0] + " at the start; "
                    + options.rounds() + " rounds after " + options.warmUp() + " to warm up.");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Median and 90th percentile of each name. */
    void times(String title, List<Samples> samples) {
        List<String> columns = new ArrayList<>(List.of(""));
        names.forEach(n -> columns.addAll(List.of(n + " median", n + " p90")));
        table(title, columns);
        for (String name : samples.getFirst().names()) {
            List<Double> values = new ArrayList<>();
            samples.forEach(s -> values.addAll(List.of(s.medianMillis(name), s.p90Millis(name))));
            row(name, values, samples.stream().map(s -> s.medianMillis(name)).toList());
        }
    }

    void memory(List<Measurements.Memory> memories) {
        List<String> columns =
                new ArrayList<>(List.of("PSS in KiB, " + memories.getFirst().pods() + " idle pods"));
        columns.addAll(names);
        table("Memory", columns);
        rowOf(
                "runtime processes, for each pod",
                memories.stream().map(Measurements.Memory::perPod).toList());
        rowOf(
                "their number",
                memories.stream().map(Measurements.Memory::processesPerPod).toList());
        rowOf(
                "daemon before",
                memories.stream().map(Measurements.Memory::daemonBefore).toList());
        rowOf(
                "daemon with the pods",
                memories.stream().map(Measurements.Memory::daemonAfter).toList());
        rowOf(
                "daemon after 90 s of lists every second",
                memories.stream().map(Measurements.Memory::daemonLater).toList());
    }

    /** One row for each kind, from one list of values for each contender. More is better: the ratio is the first one's to the second's. */
    void throughput(String title, List<String> kinds, List<List<Double>> values) {
        List<String> columns = new ArrayList<>(List.of(""));
        columns.addAll(names);
        table(title, columns);
        for (int i = 0; i < kinds.size(); i++) {
            int kind = i;
            List<Double> figures = values.stream().map(v -> v.get(kind)).toList();
            row(kinds.get(i), figures, figures.reversed());
        }
    }

    /** What one step of a pull takes by itself. */
    void steps(Samples samples) {
        out.println("\nOne step alone, milliseconds\n\n|  | median |\n| --- | --- |");
        samples.names().forEach(name -> out.println("| " + name + " | " + figure(samples.medianMillis(name)) + " |"));
    }

    private void table(String title, List<String> columns) {
        List<String> all = new ArrayList<>(columns);
        if (names.size() == 2) {
            all.add("ratio");
        }
        out.println("\n" + title + "\n");
        out.println("| " + String.join(" | ", all) + " |");
        out.println("|" + " --- |".repeat(all.size()));
    }

    private void rowOf(String name, List<Double> values) {
        row(name, values, values);
    }

    /** The ratio is the second contender's figure to the first's. */
    private void row(String name, List<Double> values, List<Double> compared) {
        StringBuilder line = new StringBuilder("| " + name + " |");
        values.forEach(v -> line.append(' ').append(figure(v)).append(" |"));
        if (names.size() == 2) {
            line.append(' ').append(figure(compared.get(1) / compared.get(0))).append(" |");
        }
        out.println(line);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
