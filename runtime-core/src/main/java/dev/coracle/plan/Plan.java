package dev.coracle.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear program for the kernel: no branch, no loop, no expression. An immutable value; equal plans have equal text and bytes.
 *
 * @param title what it is for, {@code start web}: the first words of a failure's message
 */
public record Plan(String title, List<Step> steps) {
    /** Refuses ({@link IllegalArgumentException}) a slot that is used where it is not made yet or cannot be seen. */
    public Plan {
        steps = List.copyOf(steps);
        new SlotCheck(title).check(steps);
    }

    public static Builder titled(String title) {
        return new Builder(title);
    }

    /** As people read it: a line for the title and one for each step. */
    public String text() {
        return new TextWriter().of(this);
    }

    /** As the shim reads it. Refuses strings with NUL. */
    public byte[] encode() {
        return new ByteWriter().of(this);
    }

    /** What the step of that index does, as {@link #text} says it, but for what may hold secrets: environment, standard input. */
    public String text(int index) {
        return new TextWriter().forAll(steps.get(index));
    }

    /** Collects steps in order. One thread. */
    public static final class Builder {
        private final String title;
        private final List<Step> steps = new ArrayList<>();

        private Builder(String title) {
            this.title = title;
        }

        /** On the host side; failing with one of {@code ignored} counts as done. */
        public Builder host(Op op, int... ignored) {
            return add(Step.host(op, ignored));
        }

        /** In the process that {@code clone3} put into slot {@code place}. */
        public Builder at(Slot place, Op op, int... ignored) {
            return add(Step.at(place, op, ignored));
        }

        public Builder add(Step step) {
            steps.add(step);
            return this;
        }

        public Builder addAll(List<Step> more) {
            steps.addAll(more);
            return this;
        }

        public Plan build() {
            return new Plan(title, steps);
        }
    }
}
