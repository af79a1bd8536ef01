package dev.coracle.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** A table of every row against every column, as text; the golden ones lie in {@code src/test/resources/states}. */
final class Grid {
    private static final Path GOLDEN =
            Path.of(System.getProperty("coracle.root", ".."), "runtime-core/src/test/resources/states");

    private Grid() {}

    static <R, C> String text(Map<String, R> rows, Map<String, C> columns, BiFunction<R, C, String> cell) {
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(columns.keySet());
        lines.add(head);
        rows.forEach((name, row) -> {
            List<String> line = new ArrayList<>(List.of(name));
            columns.values().forEach(column -> line.add(cell.apply(row, column)));
            lines.add(line);
        });
        return aligned(lines);
    }

    private static String aligned(List<List<String>> lines) {
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                int at = column;
                int width =
                        lines.stream().mapToInt(l -> l.get(at).length()).max().orElse(0);
                row.append(line.get(column))
                        .repeat(' ', width - line.get(column).length() + 2);
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /** By name, in the order given. */
    static <T> Map<String, T> named(Object... namesAndValues) {
        Map<String, T> named = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            @SuppressWarnings("unchecked") // the caller's own literals
            T value = (T) namesAndValues[i + 1];
            named.put((String) namesAndValues[i], value);
        }
        return named;
    }

    /** Fails where the golden file says something else; with {@code -Dcoracle.golden=write} it is written instead. */
    static void check(String name, String actual) {
        Path file = GOLDEN.resolve(name);
        try {
            if ("write".equals(System.getProperty("coracle.golden"))) {
                Files.createDirectories(GOLDEN);
                Files.writeString(file, actual);
            }
            assertThat(actual).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
