package dev.coracle.plan;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes plans as the shim reads them: docs/plan-format.md. One thread. */
final class ByteWriter implements OpWriter {
    static final int VERSION = 1;

    private static final int MAGIC = 0x4e4c5043; // CPLN
    private static final int NO_SLOT = 0xffff;

    private final Map<Slot, Integer> slots = new LinkedHashMap<>();
    private final LittleEndian steps = new LittleEndian();
    private LittleEndian operands = new LittleEndian();
    private int number;

    byte[] of(Plan plan) {
        plan.steps().forEach(this::step);
        LittleEndian front = new LittleEndian();
        front.u32(MAGIC).u16(VERSION).u16(slots.size()).u32(plan.steps().size());
        front.string(plan.title());
        slots.keySet().forEach(slot -> front.string(slot.name()));
        steps.writeTo(front);
        return front.toByteArray();
    }

    private void step(Step step) {
        operands = new LittleEndian();
        int place = index(step.place());
        step.op().describe(this);
        steps.u16(number).u16(place);
        steps.string(TextWriter.names(step.ignored()));
        steps.u32(operands.size());
        operands.writeTo(steps);
    }

    private int index(Slot slot) {
        if (slot.isNone()) {
            return NO_SLOT;
        }
        Integer known = slots.putIfAbsent(slot, slots.size());
        return known == null ? slots.size() - 1 : known;
    }

    @Override
    public OpWriter op(int number, String name) {
        this.number = number;
        return this;
    }

    @Override
    public OpWriter word(String word) {
        return this;
    }

    @Override
    public OpWriter label(String label) {
        return this;
    }

    @Override
    public OpWriter slot(Slot slot) {
        operands.u16(index(slot));
        return this;
    }

    @Override
    public OpWriter process(Slot child) {
        return slot(child);
    }

    @Override
    public OpWriter makes(Slot slot) {
        return slot(slot);
    }

    @Override
    public OpWriter text(String text) {
        operands.string(text);
        return this;
    }

    @Override
    public OpWriter data(Bytes data) {
        operands.bytes(data.toByteArray());
        return this;
    }

    @Override
    public OpWriter blob(Bytes blob) {
        return data(blob);
    }

    @Override
    public OpWriter number(long number) {
        operands.u64(number);
        return this;
    }

    @Override
    public OpWriter mode(int mode) {
        operands.u64(Integer.toUnsignedLong(mode));
        return this;
    }

    @Override
    public OpWriter mask(long mask) {
        operands.u64(mask);
        return this;
    }

    @Override
    public OpWriter device(int major, int minor) {
        operands.u64(Integer.toUnsignedLong(major)).u64(Integer.toUnsignedLong(minor));
        return this;
    }

    @Override
    public OpWriter texts(List<String> texts) {
        operands.u32(texts.size());
        texts.forEach(operands::string);
        return this;
    }

    @Override
    public OpWriter keyword(String keyword) {
        return text(keyword);
    }

    /** Little endian numbers and terminated, counted strings. */
    private static final class LittleEndian extends ByteArrayOutputStream {
        LittleEndian u16(int value) {
            write(value);
            write(value >>> 8);
            return this;
        }

        LittleEndian u32(int value) {
            return u16(value).u16(value >>> 16);
        }

        LittleEndian u64(long value) {
            return u32((int) value).u32((int) (value >>> 32));
        }

        LittleEndian string(String text) {
            if (text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("a string of a plan holds NUL");
            }
            return bytes(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The length, the bytes, and a zero that the length does not count. */
        LittleEndian bytes(byte[] bytes) {
            u32(bytes.length);
            writeBytes(bytes);
            write(0);
            return this;
        }

        void writeTo(LittleEndian other) {
            other.write(buf, 0, count);
        }
    }
}
