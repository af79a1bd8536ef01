package dev.coracle.image;

import dev.coracle.image.TarEntry.Extent;
import dev.coracle.linux.Timestamp;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of a PAX extended header (POSIX.1-2001 pax, "Extended Header"): {@code LENGTH KEY=VALUE\n}, one after the other,
 * LENGTH counting all of it. What they say goes before what the following header says. Values are any bytes, one char each.
 */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords();

    static final String XATTR = "SCHILY.xattr.";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<Extent> extents = new ArrayList<>();
    private long pendingOffset;

    private PaxRecords() {}

    static PaxRecords parse(byte[] content) throws LayerFault {
        PaxRecords records = new PaxRecords();
        String text = new String(content, StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < text.length() && text.charAt(at) != 0) {
            int blank = text.indexOf(' ', at);
            int end = blank < 0 ? -1 : at + length(text.substring(at, blank));
            int equals = text.indexOf('=', blank);
            if (end <= blank + 1
                    || end > text.length()
                    || equals < 0
                    || equals >= end
                    || text.charAt(end - 1) != '\n') {
                throw new LayerFault("a PAX header is malformed");
            }
            records.add(text.substring(blank + 1, equals), text.substring(equals + 1, end - 1));
            at = end;
        }
        return records;
    }

    private static int length(String digits) throws LayerFault {
        return (int) Math.min(Integer.MAX_VALUE / 2, wholeNumber("record length", digits));
    }

    /** The two keys of sparse format 0.0 come once for each piece; of all others the last one counts. */
    private void add(String key, String value) throws LayerFault {
        switch (key) {
            case "GNU.sparse.offset" -> pendingOffset = wholeNumber(key, value);
            case "GNU.sparse.numbytes" -> extents.add(new Extent(pendingOffset, wholeNumber(key, value)));
            default -> values.put(key, value);
        }
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isEmpty());
    }

    /** A number that is not negative, if the key is there. */
    long number(String key, long otherwise) throws LayerFault {
        Optional<String> value = text(key);
        return value.isPresent() ? wholeNumber(key, value.get()) : otherwise;
    }

    /** Seconds with a fraction, cut off after nanoseconds. */
    Timestamp time(String key, long otherwiseSeconds) throws LayerFault {
        Optional<String> value = text(key);
        if (value.isEmpty()) {
            return new Timestamp(otherwiseSeconds, 0);
        }
        if (!value.get().matches("-?\\d{1,18}(\\.\\d{0,100})?")) {
            throw new LayerFault("a PAX header has " + key + "=" + value.get());
        }
        BigDecimal time = new BigDecimal(value.get());
        BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
        int nanos = time.subtract(seconds).movePointRight(9).intValue();
        return new Timestamp(seconds.longValueExact(), nanos);
    }

    /** Extended attributes by their name, values as bytes. */
    Map<String, byte[]> xattrs() {
        Map<String, byte[]> xattrs = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(XATTR)) {
                xattrs.put(key.substring(XATTR.length()), value.getBytes(StandardCharsets.ISO_8859_1));
            }
        });
        return xattrs;
    }

    /** Whether the file's map stands at the start of its content (GNU sparse format 1.0). */
    boolean hasMapInContent() {
        return "1".equals(values.get("GNU.sparse.major")) && "0".equals(values.get("GNU.sparse.minor"));
    }

    /** The map of a sparse file in format 0.0 or 0.1; empty for any other file. */
    List<Extent> sparseMap() throws LayerFault {
        Optional<String> map = text("GNU.sparse.map");
        if (map.isEmpty()) {
            return extents;
        }
        String[] numbers = map.get().split(",", -1);
        List<Extent> pieces = new ArrayList<>();
        for (int i = 0; i + 1 < numbers.length; i += 2) {
            pieces.add(new Extent(wholeNumber("map", numbers[i]), wholeNumber("map", numbers[i + 1])));
        }
        return pieces;
    }

    private static long wholeNumber(String key, String digits) throws LayerFault {
        if (!digits.matches("\\d{1,18}")) {
            throw new LayerFault("a PAX header has \"" + digits + "\" for " + key);
        }
        return Long.parseLong(digits);
    }
}
