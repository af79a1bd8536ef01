package dev.coracle.spec;

/**
 * A comparison of one argument of a system call, unsigned.
 *
 * @param index 0 to 5
 * @param value what it is compared with; for {@code MASKED_EQUAL} the mask
 * @param valueTwo for {@code MASKED_EQUAL} what must be left after masking; else 0
 */
public record SeccompArg(int index, long value, long valueTwo, Operator operator) {
    public enum Operator {
        NOT_EQUAL,
        LESS_THAN,
        LESS_OR_EQUAL,
        EQUAL,
        GREATER_OR_EQUAL,
        GREATER_THAN,
        MASKED_EQUAL
    }
}
