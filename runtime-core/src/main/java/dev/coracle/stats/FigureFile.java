package dev.coracle.stats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of a group as the kernel writes them: lines of a word and a figure, or one figure alone.
 *
 * @param figures by their words; the figure alone by the empty word
 */
record FigureFile(Map<String, Long> figures) {
    private static final long NANOS_PER_MICRO = 1_000L;

    static FigureFile of(List<String> lines) {
        Map<String, Long> figures = new HashMap<>();
        for (String line : lines) {
            int space = line.indexOf(' ');
            String figure = line.substring(space + 1).strip();
            if (figure.equals("max")) {
                figures.put(space < 0 ? "" : line.substring(0, space), Long.MAX_VALUE);
            } else if (!figure.isEmpty() && figure.chars().allMatch(Character::isDigit)) {
                figures.put(space < 0 ? "" : line.substring(0, space), parse(figure));
            }
        }
        return new FigureFile(figures);
    }

    /** The figure of that word; 0 where the kernel does not count it. */
    long figure(String word) {
        return figures.getOrDefault(word, 0L);
    }

    /** The figure that stands alone. */
    long only() {
        return figure("");
    }

    /** Some kernels write "no limit" as 2^64 less something. */
    private static long parse(String figure) {
        try {
            return Long.parseLong(figure);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** The files of one group. */
    record In(Path directory) {
        boolean has(String name) {
            return Files.exists(directory.resolve(name));
        }

        FigureFile require(String name) throws IOException {
            return of(Files.readAllLines(directory.resolve(name)));
        }

        FigureFile optional(String name) throws IOException {
            try {
                return require(name);
            } catch (NoSuchFileException e) {
                return new FigureFile(Map.of());
            }
        }

        /** The figure of a file with one alone, or {@code otherwise} where there is no such file. */
        long single(String name, long otherwise) throws IOException {
            return optional(name).figures().getOrDefault("", otherwise);
        }

        /** A pressure file (4.20); null where the kernel does not count it, or has been told not to. */
        @Nullable
        Psi pressure(String name) {
            try {
                return psi(Files.readAllLines(directory.resolve(name)));
            } catch (IOException e) { // EOPNOTSUPP with psi=0
                return null;
            }
        }

        private static @Nullable Psi psi(List<String> lines) {
            Map<String, Psi.Line> found = new HashMap<>();
            for (String line : lines) {
                Map<String, String> fields = new HashMap<>();
                String[] words = line.split(" ", -1);
                for (String word : words) {
                    int equals = word.indexOf('=');
                    if (equals > 0) {
                        fields.put(word.substring(0, equals), word.substring(equals + 1));
                    }
                }
                found.put(
                        words[0],
                        new Psi.Line(
                                Long.parseLong(fields.getOrDefault("total", "0")) * NANOS_PER_MICRO,
                                Double.parseDouble(fields.getOrDefault("avg10", "0")),
                                Double.parseDouble(fields.getOrDefault("avg60", "0")),
                                Double.parseDouble(fields.getOrDefault("avg300", "0"))));
            }
            Psi.Line some = found.get("some");
            Psi.Line none = new Psi.Line(0, 0, 0, 0); // cpu.pressure has no "full" before 5.13
            return some == null ? null : new Psi(some, found.getOrDefault("full", none));
        }
    }
}
