package dev.coracle.plan;

import java.util.regex.Pattern;

/**
 * A named place for a descriptor. A plain name belongs to its plan; a name with a dot ({@code ID.rootfs}, {@code pod.net})
 * is kept by the shim once the plan has succeeded, and later plans can use it. At most 95 characters.
 */
public record Slot(String name) {
    /** No slot: the working directory where a directory is asked for, nothing elsewhere, the host side as a place. */
    public static final Slot NONE = new Slot("-");

    private static final Pattern NAMES = Pattern.compile("-|[a-z][a-z0-9_]*|[a-z0-9][a-z0-9_-]*\\.[a-z0-9_.-]+");
    private static final int MAX_LENGTH = 95;

    public Slot {
        if (name.length() > MAX_LENGTH
                || !(name.equals("-") || NAMES.matcher(name).matches())) {
            throw new IllegalArgumentException("slot name " + name + ": not [a-z][a-z0-9_]* or KEEPER.NAME");
        }
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

    /** As plans print it: {@code $name}, or {@code -} for {@link #NONE}. */
    @Override
    public String toString() {
        return isNone() ? "-" : "$" + name;
    }
}
