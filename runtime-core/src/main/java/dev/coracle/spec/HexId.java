package dev.coracle.spec;

/** The form that pod and container ids share: 64 lower-case hex digits, as other runtimes make them. */
final class HexId {
    static final int LENGTH = 64;

    private HexId() {}

    /**
     * @return {@code value} itself
     * @throws IllegalArgumentException if it is not 64 lower-case hex digits; ids reach this only after look-up
     */
    static String checked(String value) {
        if (value.length() != LENGTH || !value.chars().allMatch(HexId::isDigit)) {
            throw new IllegalArgumentException("not an id of 64 hex digits: " + value);
        }
        return value;
    }

    private static boolean isDigit(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
}
