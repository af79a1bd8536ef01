package dev.coracle.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A container's log in CRI format, parsed strictly: what a kubelet could not read is an error here. */
public record CriLog(List<Entry> entries) {

    /** One line of the file: a line of output, or part of one. */
    public record Entry(Instant time, String stream, boolean full, String text) {}

    public static CriLog read(Path file) {
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A log that a kubelet has rotated: its older parts, compressed or not, come first, in the order of the times in their names. */
    public static CriLog readRotated(Path file) {
        String name = file.getFileName().toString();
        try (Stream<Path> list = Files.list(file.resolveSibling(""))) {
            List<Path> older = list.filter(p -> p.getFileName().toString().startsWith(name + "."))
                    .sorted()
                    .toList();
            StringBuilder whole = new StringBuilder();
            for (Path part : older) {
                whole.append(text(part));
            }
            return parse(whole.append(text(file)).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public static CriLog parse(String content) {
        if (!content.isEmpty() && !content.endsWith("\n")) {
            throw new IllegalArgumentException("the log ends in the middle of a line: …" + tail(content));
        }
        List<Entry> entries = new ArrayList<>();
        content.lines().forEach(line -> entries.add(entry(line)));
        return new CriLog(List.copyOf(entries));
    }

    private static Entry entry(String line) {
        String[] parts = line.split(" ", 4);
        if (parts.length < 4) {
            throw new IllegalArgumentException("not a log line: " + line);
        }
        if (!parts[1].equals("stdout") && !parts[1].equals("stderr")) {
            throw new IllegalArgumentException("neither stdout nor stderr: " + line);
        }
        String tag = parts[2].split(":", 2)[0];
        if (!tag.equals("F") && !tag.equals("P")) {
            throw new IllegalArgumentException("neither F nor P: " + line);
        }
        return new Entry(time(parts[0]), parts[1], tag.equals("F"), parts[3]);
    }

    /** RFC 3339 with nanoseconds, in UTC or with an offset. */
    private static Instant time(String text) {
        return java.time.OffsetDateTime.parse(text).toInstant();
    }

    private static String tail(String content) {
        return content.substring(Math.max(0, content.length() - 80));
    }

    /** The output of one stream as the program wrote it, an unfinished last line without its newline. */
    public String text(String stream) {
        return entries.stream()
                .filter(e -> e.stream().equals(stream))
                .map(e -> e.full() ? e.text() + "\n" : e.text())
                .collect(Collectors.joining());
    }

    public String stdout() {
        return text("stdout");
    }

    public String stderr() {
        return text("stderr");
    }

    /** Whether no entry is earlier than the one before it. */
    public boolean inOrder() {
        for (int i = 1; i < entries.size(); i++) {
            if (entries.get(i).time().isBefore(entries.get(i - 1).time())) {
                return false;
            }
        }
        return true;
    }
}
