package dev.coracle.plan;

import dev.coracle.failure.Errno;
import java.util.Arrays;
import java.util.List;

/**
 * An op, the place where it happens, and the errors ({@link Errno}) that do not matter there.
 *
 * @param place {@link Slot#NONE} for the host side, else the slot of the process that runs it
 * @param ignored an op that fails with one of these counts as done; slots it would have filled are absent, and ops that use
 *     an absent slot are passed over
 */
public record Step(Slot place, Op op, List<Integer> ignored) {
    public Step {
        ignored = List.copyOf(ignored);
    }

    public static Step host(Op op, int... ignored) {
        return at(Slot.NONE, op, ignored);
    }

    public static Step at(Slot place, Op op, int... ignored) {
        return new Step(
                place,
                op,
                ignored.length == 0 ? List.of() : Arrays.stream(ignored).boxed().toList());
    }
}
