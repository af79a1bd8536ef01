package dev.coracle.plan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refuses a plan that uses a slot before it is made, or that a place cannot see: a process sees what its makers had when it was
 * made, and what it makes itself. And one whose process would wait for a maker that sleeps. One thread.
 */
final class SlotCheck implements OpWriter {
    private static final int MAX_SLOTS = 192;
    private static final int MAX_PLACES = 8;

    private final Map<Slot, Set<Slot>> visible = new HashMap<>(Map.of(Slot.NONE, new HashSet<>()));
    private final Set<Slot> all = new HashSet<>();
    private final Set<Slot> sharing = new HashSet<>();
    private final String title;
    private Set<Slot> here = Set.of();
    private int index;
    private String name = "";

    SlotCheck(String title) {
        this.title = title;
    }

    void check(List<Step> steps) {
        for (Step step : steps) {
            name = "";
            step(step);
            index++;
        }
        if (all.size() > MAX_SLOTS) {
            throw refused("more than " + MAX_SLOTS + " slots");
        }
        if (visible.size() > MAX_PLACES + 1) {
            throw refused("more than " + MAX_PLACES + " processes");
        }
    }

    private void step(Step step) {
        Set<Slot> known = visible.get(step.place());
        if (known == null) {
            throw refused("no process is in slot " + step.place());
        }
        here = known;
        step.op().describe(this);
        if (sharing.contains(step.place())
                && (step.op() instanceof ProcessOp.Stop || step.op() instanceof ProcessOp.Clone3)) {
            throw refused("its process has the memory of its maker, which sleeps");
        }
        if (step.op() instanceof ProcessOp.Clone3 clone) {
            if (clone.flags().contains(CloneFlag.VM)) {
                sharing.add(clone.child());
            }
            Set<Slot> inherited = new HashSet<>(here);
            inherited.remove(clone.child());
            if (visible.putIfAbsent(clone.child(), inherited) != null) {
                throw refused("slot " + clone.child() + " has a process");
            }
        }
    }

    private IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("plan " + title + ": op " + index + " " + name + ": " + why);
    }

    @Override
    public OpWriter slot(Slot slot) {
        if (!slot.isNone() && !slot.isKept() && !here.contains(slot)) {
            throw refused("slot " + slot + " is not made yet or not seen there");
        }
        return this;
    }

    @Override
    public OpWriter process(Slot child) {
        if (child.isNone() || !visible.containsKey(child)) {
            throw refused("no process is in slot " + child);
        }
        return this;
    }

    @Override
    public OpWriter makes(Slot slot) {
        if (slot.isNone()) {
            throw refused("an op makes no slot");
        }
        here.add(slot);
        all.add(slot);
        return this;
    }

    @Override
    public OpWriter op(int number, String name) {
        this.name = name;
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
    public OpWriter text(String text) {
        return this;
    }

    @Override
    public OpWriter data(Bytes data) {
        return this;
    }

    @Override
    public OpWriter blob(Bytes blob) {
        return this;
    }

    @Override
    public OpWriter number(long number) {
        return this;
    }

    @Override
    public OpWriter mode(int mode) {
        return this;
    }

    @Override
    public OpWriter mask(long mask) {
        return this;
    }

    @Override
    public OpWriter device(int major, int minor) {
        return this;
    }

    @Override
    public OpWriter texts(List<String> texts) {
        return this;
    }

    @Override
    public OpWriter keyword(String keyword) {
        return this;
    }

    @Override
    public OpWriter choice(Keyword choice) {
        return this;
    }

    @Override
    public OpWriter flags(Set<? extends Keyword> flags) {
        return this;
    }

    @Override
    public OpWriter numbers(List<Integer> numbers) {
        return this;
    }
}
