package dev.coracle.plan;

import org.jspecify.annotations.Nullable;

/**
 * A named place for a descriptor. A plain name belongs to its plan; a name with a dot ({@code ID.rootfs}, {@code pod.net})
 * is kept by the shim once the plan has succeeded, and later plans can use it. At most 95 characters.
 */
public record Slot(String name) {
    /** No slot: the working directory where a directory is asked for, nothing elsewhere, the host side as a place. */
    public static final Slot NONE = new Slot("-");

    private static final int MAX_LENGTH = 95;

    public Slot {
        if (name.length() > MAX_LENGTH || !(name.equals("-") || isPlain(name) || isKeptName(name))) {
            throw new IllegalArgumentException("slot name " + name + ": not [a-z][a-z0-9_]* or KEEPER.NAME");
        }
    }

    private static boolean isPlain(String name) {
        return !name.isEmpty() && isLetter(name.charAt(0)) && consists(name, 1, name.length(), "_");
    }

    /** {@code [a-z0-9][a-z0-9_-]*\\.[a-z0-9_.-]+} */
    private static boolean isKeptName(String name) {
        int dot = name.indexOf('.');
        return dot > 0
                && dot < name.length() - 1
                && consists(name, 0, 1, "")
                && consists(name, 1, dot, "_-")
                && consists(name, dot + 1, name.length(), "_.-");
    }

    /** Whether that part has only small letters, digits and these. A plan makes hundreds of slots: no pattern is run for each. */
    private static boolean consists(String name, int from, int to, String others) {
        for (int i = from; i < to; i++) {
            char c = name.charAt(i);
            if (!isLetter(c) && (c < '0' || c > '9') && others.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z';
    }

    /** The slot {@code name} that the shim keeps for {@code keeper}, a container's or a pod's name. */
    public static Slot kept(String keeper, String name) {
        return new Slot(keeper + "." + name);
    }

    public boolean isNone() {
        return equals(NONE);
    }

    /** Whether the shim keeps it beyond its plan. */
    public boolean isKept() {
        return name.indexOf('.') >= 0;
    }

    /** Written out, as is {@link #hashCode}: what a record gets is several times slower until it is compiled, and plans ask all the time. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Slot slot && slot.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** As plans print it: {@code $name}, or {@code -} for {@link #NONE}. */
    @Override
    public String toString() {
        return isNone() ? "-" : "$" + name;
    }
}
