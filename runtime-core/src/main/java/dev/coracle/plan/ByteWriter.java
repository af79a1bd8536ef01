package dev.coracle.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes plans as the shim reads them: docs/plan-format.md. One thread. */
final class ByteWriter implements OpWriter {
    static final int VERSION = 1;

    private static final int MAGIC = 0x4e4c5043; // CPLN
    private static final int NO_SLOT = 0xffff;

    private final Map<Slot, Integer> slots = new LinkedHashMap<>();
    private final LittleEndian steps = new LittleEndian(8192);
    private final LittleEndian operands = new LittleEndian(256);
    private int number;

    byte[] of(Plan plan) {
        plan.steps().forEach(this::step);
        LittleEndian front = new LittleEndian(steps.size() + 2048);
        front.u32(MAGIC).u16(VERSION).u16(slots.size()).u32(plan.steps().size());
        front.string(plan.title());
        slots.keySet().forEach(slot -> front.string(slot.name()));
        return front.append(steps).toByteArray();
    }

    private void step(Step step) {
        operands.clear();
        int place = index(step.place());
        step.op().describe(this);
        steps.u16(number).u16(place);
        steps.string(TextWriter.names(step.ignored()));
        steps.u32(operands.size()).append(operands);
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
}
