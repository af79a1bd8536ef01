package dev.coracle.stats;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A file of a group as the kernel writes them: lines of a word and a figure, or one figure alone. Kept as bytes and looked through when
 * asked: a node has hundreds of groups with a dozen of these each.
 */
final class FigureFile {
    private static final long NANOS_PER_MICRO = 1_000L;
    private static final FigureFile MISSING = new FigureFile(new byte[0]);

    private final byte[] bytes;

    private FigureFile(byte[] bytes) {
        this.bytes = bytes;
    }

    static FigureFile of(String text) {
        return new FigureFile(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Whether there is such a file. */
    boolean there() {
        return bytes.length > 0;
    }

    /** The figure of that word; 0 where the kernel does not count it. */
    long figure(String word) {
        return find(word).orElse(0);
    }

    /** The figure of that word, {@link Long#MAX_VALUE} for {@code max}; empty where the kernel does not count it. */
    OptionalLong find(String word) {
        for (int line = 0; line < bytes.length; line = afterLine(line)) {
            int value = line + word.length() + 1;
            if (value <= bytes.length && bytes[value - 1] == ' ' && startsWith(line, word)) {
                return number(value);
            }
        }
        return OptionalLong.empty();
    }

    /** The figure that stands alone, or begins the file; empty where there is none. */
    OptionalLong only() {
        return number(0);
    }

    String text() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private int afterLine(int start) {
        int at = start;
        while (at < bytes.length && bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    private boolean startsWith(int at, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (bytes[at + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private OptionalLong number(int start) {
        int end = start;
        while (end < bytes.length && bytes[end] != '\n' && bytes[end] != ' ') {
            end++;
        }
        return number(new String(bytes, start, end - start, StandardCharsets.ISO_8859_1));
    }

    /** Some kernels write "no limit" as 2^64 less something. */
    static OptionalLong number(String word) {
        boolean figure = !word.isEmpty()
                && word.chars().skip(word.startsWith("-") ? 1 : 0).allMatch(Character::isDigit);
        if (!figure || word.equals("-")) {
            return word.equals("max") ? OptionalLong.of(Long.MAX_VALUE) : OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(word));
        } catch (NumberFormatException e) {
            return OptionalLong.of(Long.MAX_VALUE);
        }
    }

    /** As a pressure file (4.20); null where the kernel does not count it. */
    @Nullable
    Psi pressure() {
        Psi.@Nullable Line some = null;
        Psi.Line full = new Psi.Line(0, 0, 0, 0); // cpu.pressure has none before 5.13
        for (String line : text().split("\n", -1)) {
            if (line.startsWith("some ")) {
                some = pressureLine(line);
            } else if (line.startsWith("full ")) {
                full = pressureLine(line);
            }
        }
        return some == null ? null : new Psi(some, full);
    }

    private static Psi.Line pressureLine(String line) {
        return new Psi.Line(
                Long.parseLong(field(line, "total=")) * NANOS_PER_MICRO,
                Double.parseDouble(field(line, "avg10=")),
                Double.parseDouble(field(line, "avg60=")),
                Double.parseDouble(field(line, "avg300=")));
    }

    private static String field(String line, String name) {
        int start = line.indexOf(name);
        if (start < 0) {
            return "0";
        }
        int end = line.indexOf(' ', start);
        return line.substring(start + name.length(), end < 0 ? line.length() : end);
    }

    /** The files of one group in one hierarchy. Confined to one reading: all files pass through one buffer. */
    static final class In {
        private static final int BUFFER = 8 << 10;

        private final String directory;
        private byte[] buffer = new byte[BUFFER];

        In(Path directory) {
            this.directory = directory + "/";
        }

        /** Throws where there is no such file. */
        FigureFile require(String name) throws IOException {
            try (InputStream file = new FileInputStream(directory + name)) {
                int length = 0;
                for (int count = 0; count >= 0; count = file.read(buffer, length, buffer.length - length)) {
                    length += count;
                    if (length == buffer.length) {
                        buffer = Arrays.copyOf(buffer, 2 * length);
                    }
                }
                return new FigureFile(Arrays.copyOf(buffer, length));
            }
        }

        /** An empty one where there is no such file. */
        FigureFile optional(String name) throws IOException {
            try {
                return require(name);
            } catch (FileNotFoundException e) {
                return MISSING;
            }
        }

        /** The figure of a file with one alone, or {@code otherwise} where there is no such file. */
        long single(String name, long otherwise) throws IOException {
            return optional(name).only().orElse(otherwise);
        }

        /** A pressure file; null where the kernel does not count it, or has been told not to. */
        @Nullable
        Psi pressure(String name) {
            try {
                return require(name).pressure();
            } catch (IOException e) { // EOPNOTSUPP with psi=0
                return null;
            }
        }
    }
}
