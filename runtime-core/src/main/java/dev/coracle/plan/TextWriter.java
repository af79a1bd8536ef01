package dev.coracle.plan;

import dev.coracle.failure.Errno;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Writes plans as people read them; {@code coracle-shim --print} writes the same from the bytes. One thread. */
final class TextWriter implements OpWriter {
    private static final String PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=+@%,-";

    /** What of an op may hold secrets, by its label. */
    private static final Set<String> PRIVATE = Set.of("env=", "stdin=");

    private final StringBuilder text = new StringBuilder();
    private boolean forAll;
    private boolean hidden;
    private boolean spaced = true;
    private boolean arrow;

    String of(Plan plan) {
        text.append("plan");
        spaced = false;
        text(plan.title());
        text.append('\n');
        plan.steps().forEach(this::step);
        return text.toString();
    }

    /** One step as everybody may read it: without environment and standard input. */
    String forAll(Step step) {
        forAll = true;
        step(step);
        return text.substring(0, text.length() - 1);
    }

    private void step(Step step) {
        text.append('[')
                .append(step.place().isNone() ? "s" : step.place().name())
                .append(']');
        spaced = false;
        arrow = false;
        step.op().describe(this);
        if (!step.ignored().isEmpty()) {
            word("ignoring").word(names(step.ignored()));
        }
        text.append('\n');
    }

    /** The names of error numbers, {@code EEXIST,ENOENT}. */
    static String names(List<Integer> errnos) {
        return errnos.isEmpty() ? "" : errnos.stream().map(Errno::name).collect(Collectors.joining(","));
    }

    @Override
    public OpWriter op(int number, String name) {
        return word(name);
    }

    @Override
    public OpWriter word(String word) {
        if (!spaced) {
            text.append(' ');
        }
        text.append(word);
        spaced = false;
        return this;
    }

    @Override
    public OpWriter label(String label) {
        hidden = forAll && PRIVATE.contains(label);
        if (hidden) {
            return this;
        }
        word(label);
        spaced = true;
        return this;
    }

    @Override
    public OpWriter slot(Slot slot) {
        return word(slot.toString());
    }

    @Override
    public OpWriter process(Slot child) {
        return slot(child);
    }

    @Override
    public OpWriter makes(Slot slot) {
        if (!arrow) {
            word("->");
            arrow = true;
        }
        return slot(slot);
    }

    @Override
    public OpWriter text(String text) {
        return quoted(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public OpWriter data(Bytes data) {
        return hidden ? this : quoted(data.toByteArray());
    }

    @Override
    public OpWriter blob(Bytes blob) {
        CRC32 crc = new CRC32();
        crc.update(blob.toByteArray());
        return word(String.format(Locale.ROOT, "<%d bytes crc32 %08x>", blob.length(), crc.getValue()));
    }

    @Override
    public OpWriter number(long number) {
        return word(Long.toUnsignedString(number));
    }

    @Override
    public OpWriter mode(int mode) {
        return word(mode == 0 ? "0" : "0" + Integer.toOctalString(mode));
    }

    @Override
    public OpWriter mask(long mask) {
        return word("0x" + Long.toHexString(mask));
    }

    @Override
    public OpWriter device(int major, int minor) {
        return word(Integer.toUnsignedString(major) + ":" + Integer.toUnsignedString(minor));
    }

    @Override
    public OpWriter texts(List<String> texts) {
        if (hidden) {
            return this;
        }
        label("[");
        texts.forEach(this::text);
        text.append(']');
        spaced = false;
        return this;
    }

    @Override
    public OpWriter keyword(String keyword) {
        return word(keyword);
    }

    private OpWriter quoted(byte[] bytes) {
        word("");
        boolean plain = bytes.length > 0;
        for (byte b : bytes) {
            plain &= PLAIN.indexOf(b) >= 0;
        }
        if (plain) {
            text.append(new String(bytes, StandardCharsets.US_ASCII));
            return this;
        }
        text.append('"');
        for (byte b : bytes) {
            escape(b);
        }
        text.append('"');
        return this;
    }

    private void escape(byte b) {
        if (b == '"' || b == '\\') {
            text.append('\\').append((char) b);
        } else if (b == '\n') {
            text.append("\\n");
        } else if (b >= ' ' && b <= '~') {
            text.append((char) b);
        } else {
            text.append(String.format(Locale.ROOT, "\\x%02x", b));
        }
    }
}
