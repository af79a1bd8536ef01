package dev.coracle.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads terminal sizes, one JSON object after another: {@code {"Width":80,"Height":24}}. Confined to one thread. */
final class WindowSizes {
    record Size(int rows, int columns) {}

    private static final Pattern WIDTH = Pattern.compile("\"Width\"\\s*:\\s*(\\d{1,5})");
    private static final Pattern HEIGHT = Pattern.compile("\"Height\"\\s*:\\s*(\\d{1,5})");
    private static final int OBJECT_MAX = 256;
    private static final int SIZE_MAX = 65_535;

    private String rest = "";

    /** The last size that is whole by now: those before it are of the past already. */
    Optional<Size> read(ByteBuffer bytes) {
        String text = rest + StandardCharsets.US_ASCII.decode(bytes);
        int end = text.lastIndexOf('}') + 1;
        rest = text.substring(Math.max(end, text.length() - OBJECT_MAX));
        int begin = text.lastIndexOf('{', end);
        return begin < 0 || end == 0 ? Optional.empty() : size(text.substring(begin, end));
    }

    private static Optional<Size> size(String object) {
        Matcher width = WIDTH.matcher(object);
        Matcher height = HEIGHT.matcher(object);
        if (!width.find() || !height.find()) {
            return Optional.empty();
        }
        int columns = Integer.parseInt(width.group(1));
        int rows = Integer.parseInt(height.group(1));
        return columns > SIZE_MAX || rows > SIZE_MAX ? Optional.empty() : Optional.of(new Size(rows, columns));
    }
}
